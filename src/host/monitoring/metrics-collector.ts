import { backgroundClock, DynoError, exitCodes, usageError, type Clock } from '../../core/index.js';
import { shown } from '../shown.js';
import { CounterHandle, DistributionHandle, GaugeHandle } from './handles.js';
import type { Labels, MetricDescription, MetricSnapshot, MetricType } from './metric.js';
import { MetricFamily, type FamilyHost } from './metric-family.js';
import { checkDescription, checkMetricName, checkMetricType, derivedNames, prometheusName } from './names.js';
import { wrongValue, type Series } from './series.js';

/** What a {@link MetricsCollector} is made of. */
export interface MetricsOptions {
  /** Default the machine's clock, with timers that do not keep the process alive. */
  clock?: Clock;
  /** The span of time that percentiles look back over, in milliseconds; default 10 minutes. */
  windowMs?: number;
  /** A series that is not recorded to for this long is dropped; default 1 hour. */
  retentionMs?: number;
  /** Label sets per metric; what is more goes into one overflow series. Default 1,000. */
  maxSeriesPerMetric?: number;
  /** Label sets in all; default 20,000. */
  maxSeries?: number;
  /** Metrics; one more is an error, since names come from code. Default 1,000. */
  maxMetrics?: number;
}

/** The tick that turns "was recorded to" into a time. */
const tickMs = 1000;
const spans = 5;

/**
 * Counters, gauges, histograms and summaries, by name and labels, in bounded memory. `recordMetric` looks its series up;
 * a bound handle ({@link MetricsCollector.counter} and the like) has it at hand.
 */
export class MetricsCollector {
  readonly #clock: Clock;
  readonly #options: Required<Omit<MetricsOptions, 'clock'>>;
  readonly #families = new Map<string, MetricFamily>();
  /** Names of lines in Prometheus, and the metric that has them. */
  readonly #taken = new Map<string, string>();
  readonly #host: FamilyHost;
  #series = 0;
  #overflowed = 0;
  #cancel: (() => void) | undefined;
  #turnedAt: number;
  #latest: number;
  #caughtUpAt: number;
  #closed = false;

  constructor(options: MetricsOptions = {}) {
    this.#clock = options.clock ?? backgroundClock;
    this.#options = {
      windowMs: positive(options.windowMs ?? 600_000, 'windowMs'),
      retentionMs: positive(options.retentionMs ?? 3_600_000, 'retentionMs'),
      maxSeriesPerMetric: positive(options.maxSeriesPerMetric ?? 1000, 'maxSeriesPerMetric'),
      maxSeries: positive(options.maxSeries ?? 20_000, 'maxSeries'),
      maxMetrics: positive(options.maxMetrics ?? 1000, 'maxMetrics'),
    };
    this.#turnedAt = this.#caughtUpAt = this.#latest = this.#clock.now();
    this.#host = {
      maxSeries: this.#options.maxSeriesPerMetric,
      spans,
      admits: () => this.#series < this.#options.maxSeries,
      added: (series) => {
        this.#series++;
        series.createdAt ||= this.#clock.wall();
        series.updatedAt = this.#clock.wall();
        series.seenAt = this.#now();
        this.#plan();
      },
      removed: () => {
        this.#series--;
      },
      overflowed: () => {
        this.#overflowed++;
      },
    };
  }

  /** How many metrics and series there are, and how many records met a label set for which there was no room. */
  get size(): { metrics: number; series: number; overflowed: number } {
    return { metrics: this.#families.size, series: this.#series, overflowed: this.#overflowed };
  }

  /**
   * Records a value: adds it to a counter, sets a gauge, or adds it to the values of a histogram or summary. The metric
   * is made by its first record; without a type it is what it was before, or a gauge.
   *
   * @throws DynoError (104) that says what is wrong: the name, the type (another than before), a label, the value.
   */
  recordMetric(name: string, value: number, type?: MetricType, labels?: Labels): void {
    if (!Number.isFinite(value)) throw wrongValue(shown(name), value, 'a finite number');
    let family = this.#families.get(name);
    if (family === undefined || (type !== undefined && family.type !== type)) {
      family = this.#family(name, { type: type ?? 'gauge' });
    }
    family.seriesFor(labels).record(value);
  }

  /**
   * Says what a metric is, before its first record.
   *
   * @throws DynoError (104) when it was recorded to as something else.
   */
  describe(name: string, description: MetricDescription): void {
    this.#family(name, description);
  }

  /** A handle on one counter: the fastest way to record. */
  counter(name: string, labels?: Labels, description?: Omit<MetricDescription, 'type'>): CounterHandle {
    return new CounterHandle(this.#family(name, { ...description, type: 'counter' }), labels);
  }

  /** A handle on one gauge. */
  gauge(name: string, labels?: Labels, description?: Omit<MetricDescription, 'type'>): GaugeHandle {
    return new GaugeHandle(this.#family(name, { ...description, type: 'gauge' }), labels);
  }

  /** A handle on one series of a histogram. */
  histogram(
    name: string,
    labels?: Labels,
    description?: Omit<MetricDescription, 'type'>,
  ): DistributionHandle {
    return new DistributionHandle(this.#family(name, { ...description, type: 'histogram' }), labels);
  }

  /** A handle on one series of a summary. */
  summary(name: string, labels?: Labels, description?: Omit<MetricDescription, 'type'>): DistributionHandle {
    return new DistributionHandle(this.#family(name, { ...description, type: 'summary' }), labels);
  }

  /** One series; undefined when nothing was recorded to it. */
  getMetric(name: string, labels?: Labels): MetricSnapshot | undefined {
    this.#freshen();
    const family = this.#families.get(name);
    const series = family?.peek(labels);
    return series && this.#snapshot(family!, series);
  }

  /** All series of a metric. */
  getMetricsByName(name: string): MetricSnapshot[] {
    this.#freshen();
    const family = this.#families.get(name);
    return family === undefined ? [] : Array.from(family.all(), (series) => this.#snapshot(family, series));
  }

  /** The series of a metric themselves, for alerts: they compute only what they are asked. */
  seriesOf(name: string): Iterable<Series> {
    this.#freshen();
    return this.#families.get(name)?.all() ?? [];
  }

  /** Every metric, for exports. */
  families(): Iterable<MetricFamily> {
    this.#freshen();
    return this.#families.values();
  }

  /** Ends the timer. What was recorded can still be read. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A clock that goes back stands still instead. */
  #now(): number {
    return (this.#latest = Math.max(this.#latest, this.#clock.now()));
  }

  #family(name: string, description: MetricDescription): MetricFamily {
    const known = this.#families.get(name);
    if (known !== undefined) {
      if (known.type !== description.type) {
        checkMetricType(description.type, name);
        throw usageError(
          `Metric ${name} is a ${known.type}, and cannot be recorded to as a ${description.type}`,
          'Give it another name.',
        );
      }
      const says = description.help ?? description.unit ?? description.buckets ?? description.quantiles;
      if (says !== undefined && known.blank) this.#describeAgain(known, description);
      return known;
    }
    checkMetricName(name);
    checkMetricType(description.type, name);
    checkDescription(name, description);
    if (this.#families.size >= this.#options.maxMetrics) {
      throw new DynoError(
        `There are ${this.#families.size} metrics already; ${shown(name)} is one too many`,
        {
          code: 'too-many-metrics',
          hint: 'What varies, such as the name of a tool, belongs into a label; or raise maxMetrics.',
          exitCode: exitCodes.failed,
        },
      );
    }
    this.#take(name, description);
    const family = new MetricFamily(this.#host, name, description);
    this.#families.set(name, family);
    return family;
  }

  #describeAgain(family: MetricFamily, description: MetricDescription): void {
    checkDescription(family.name, description);
    for (const [line, metric] of this.#taken) if (metric === family.name) this.#taken.delete(line);
    this.#take(family.name, description);
    family.redescribe(description);
  }

  /** Two metrics whose lines would be one in Prometheus are refused: nobody could read them apart. */
  #take(name: string, { type, unit = '' }: MetricDescription): void {
    const lines = derivedNames(prometheusName(name, type, unit), type);
    for (const line of lines) {
      const other = this.#taken.get(line);
      if (other === undefined || other === name) continue;
      throw usageError(
        `Metric ${name} would be ${line} in Prometheus, which ${other} is already`,
        'Rename one.',
      );
    }
    for (const line of lines) this.#taken.set(line, name);
  }

  #plan(): void {
    if (this.#cancel !== undefined || this.#series === 0 || this.#closed) return;
    this.#cancel = this.#clock.after(tickMs, () => {
      this.#cancel = undefined;
      this.#catchUp();
      this.#plan();
    });
  }

  #snapshot(family: MetricFamily, series: Series): MetricSnapshot {
    if (series.touched) series.updatedAt = this.#clock.wall();
    return family.snapshot(series);
  }

  /** The work of the tick, should it be late: a read must not see percentiles of yesterday. */
  #freshen(): void {
    if (this.#now() - this.#caughtUpAt >= tickMs) this.#catchUp();
  }

  /** Notes when series were recorded to, moves the percentiles on, and drops what is idle for too long. */
  #catchUp(): void {
    const now = this.#now();
    const wall = this.#clock.wall();
    this.#caughtUpAt = now;
    const spanMs = this.#options.windowMs / spans;
    const turns = Math.min(spans, Math.floor((now - this.#turnedAt) / spanMs));
    this.#turnedAt = turns === spans ? now : this.#turnedAt + turns * spanMs;
    for (const family of this.#families.values()) {
      let idlest = Infinity;
      for (const series of family.all()) {
        if (series.touched) {
          series.touched = false;
          series.seenAt = now;
          series.updatedAt = wall;
        }
        if (series.seenAt < idlest) idlest = series.seenAt;
        for (let turn = 0; turn < turns; turn++) series.turn();
      }
      if (idlest < now - this.#options.retentionMs) family.dropIdle(now - this.#options.retentionMs);
    }
  }
}

function positive(value: number, what: string): number {
  if (value > 0) return value;
  throw usageError(`Expected ${what} to be a number above 0, got ${shown(value)}`);
}
