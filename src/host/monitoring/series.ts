import { usageError } from '../../core/index.js';
import { shown } from '../shown.js';
import type { Percentiles, SeriesLabels } from './metric.js';
import { MovingSketch } from './sketch.js';

/** What a series needs of the metric that it belongs to. */
export interface SeriesHome {
  readonly name: string;
  readonly buckets: readonly number[];
}

/** The statistics of a series that an alert can look at. */
export type Statistic = 'value' | 'count' | 'sum' | 'mean' | 'min' | 'max' | keyof Percentiles;

/**
 * One series of a metric. Recording touches no clock and no map: whether it was recorded to is noted, and the
 * collector's tick turns that into a time.
 */
export abstract class Series {
  readonly labels: SeriesLabels;
  /** Clock and wall time of the last record, to the tick. */
  seenAt = 0;
  updatedAt = 0;
  createdAt = 0;
  /** Whether it was recorded to since the last tick. */
  touched = true;
  /** Whether it is no longer listed, since nothing was recorded to it for long; handles then look for a new one. */
  dropped = false;
  protected readonly home: SeriesHome;

  constructor(home: SeriesHome, labels: SeriesLabels) {
    this.home = home;
    this.labels = labels;
  }

  /** What `recordMetric` does with a value. */
  abstract record(value: number): void;
  /** One statistic; null where it does not apply or there are too few values. */
  abstract statistic(which: Statistic): number | null;
  /** How often, or how much, it was recorded so far; what rates are made of. */
  abstract get total(): number;

  /** Time goes on by one span of the moving percentiles. */
  turn(): void {
    // Only distributions have any.
  }
}

/** A number that only grows. */
export class Counter extends Series {
  #value = 0;

  get total(): number {
    return this.#value;
  }

  /** Grows it; by 1 unless said otherwise. Throws a DynoError for what is negative or no number. */
  add(by = 1): void {
    if (!(by >= 0 && by < Infinity))
      throw wrongValue(this.home.name, by, 'a finite number from 0 for a counter');
    this.#value += by;
    this.touched = true;
  }

  record(value: number): void {
    this.add(value);
  }

  /** Takes over a total that is counted elsewhere; a smaller one than before is a count that began anew. */
  observe(total: number): void {
    if (!(total >= 0 && Number.isFinite(total)))
      throw wrongValue(this.home.name, total, 'a finite total from 0');
    this.#value = total;
    this.touched = true;
  }

  statistic(which: Statistic): number | null {
    return which === 'value' || which === 'sum' || which === 'count' ? this.#value : null;
  }
}

/** A number that goes up and down. */
export class Gauge extends Series {
  #value = 0;

  get total(): number {
    return this.#value;
  }

  /** Throws a DynoError for what is no finite number. */
  set(value: number): void {
    if (!Number.isFinite(value)) throw wrongValue(this.home.name, value, 'a finite number');
    this.#value = value;
    this.touched = true;
  }

  /** Moves it up, or down by a negative number. */
  add(by: number): void {
    this.set(this.#value + by);
  }

  record(value: number): void {
    this.set(value);
  }

  statistic(which: Statistic): number | null {
    return which === 'value' ? this.#value : null;
  }
}

/** Values whose spread is of interest: a histogram (with buckets) or a summary (without). */
export class Distribution extends Series {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  readonly #recent: MovingSketch;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  constructor(home: SeriesHome, labels: SeriesLabels, spans: number) {
    super(home, labels);
    this.#bounds = home.buckets;
    this.#counts = new Float64Array(this.#bounds.length + 1);
    this.#recent = new MovingSketch(spans);
  }

  get total(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Adds a value. Throws a DynoError for what is no finite number. */
  record(value: number): void {
    if (!Number.isFinite(value)) throw wrongValue(this.home.name, value, 'a finite number');
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    this.#counts[low]! += 1;
    this.#recent.add(value);
    this.touched = true;
  }

  override turn(): void {
    this.#recent.turn();
  }

  /** How many values the percentiles are made of. */
  get recent(): number {
    return this.#recent.all().count;
  }

  /** A quantile of the recent values; null without any. */
  quantile(share: number): number | null {
    const sketch = this.#recent.all();
    return sketch.count === 0 ? null : sketch.quantile(share);
  }

  /** Each bound and how many values are at most that. */
  cumulative(): [number, number][] {
    let sum = 0;
    return Array.from(this.#counts, (count, i) => [this.#bounds[i] ?? Infinity, (sum += count)]);
  }

  /** How many values are in each bucket, the last one without an upper bound. */
  counts(): number[] {
    return [...this.#counts];
  }

  statistic(which: Statistic): number | null {
    switch (which) {
      case 'value':
        return null;
      case 'count':
        return this.#count;
      case 'sum':
        return this.#sum;
      case 'mean':
        return this.#count === 0 ? null : this.#sum / this.#count;
      case 'min':
        return this.#count === 0 ? null : this.#min;
      case 'max':
        return this.#count === 0 ? null : this.#max;
      default:
        return this.recent < enough[which].values ? null : this.quantile(enough[which].share);
    }
  }
}

/** The share of each percentile, and how many values it takes to say it. */
const enough: Readonly<Record<keyof Percentiles, { share: number; values: number }>> = {
  p50: { share: 0.5, values: 1 },
  p90: { share: 0.9, values: 10 },
  p95: { share: 0.95, values: 20 },
  p99: { share: 0.99, values: 100 },
  p999: { share: 0.999, values: 1000 },
};

/** The error for a value that cannot be recorded. */
export function wrongValue(metric: string, value: unknown, expected: string) {
  return usageError(`Expected a value of metric ${metric} to be ${expected}, got ${shown(value)}`);
}
