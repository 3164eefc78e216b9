import type { Labels } from './metric.js';
import type { MetricFamily } from './metric-family.js';
import type { Counter, Distribution, Gauge, Series } from './series.js';

/** One series, at hand. When it was dropped for being idle, the next record begins a new one. */
class Handle<S extends Series> {
  readonly #family: MetricFamily;
  readonly #labels: Labels | undefined;
  #series: S;

  constructor(family: MetricFamily, labels: Labels | undefined) {
    this.#family = family;
    // A copy: labels changed later are not those of this series.
    this.#labels = labels && { ...labels };
    this.#series = family.seriesFor(this.#labels) as S;
  }

  protected get series(): S {
    if (this.#series.dropped) this.#series = this.#family.seriesFor(this.#labels) as S;
    return this.#series;
  }
}

/** A counter, at hand. */
export class CounterHandle extends Handle<Counter> {
  /** Grows it, by 1 unless said otherwise. @throws DynoError (104) for what is negative or no finite number. */
  add(by = 1): void {
    this.series.add(by);
  }

  /** Takes over a total that is counted elsewhere. @throws DynoError (104) as {@link add} does. */
  observe(total: number): void {
    this.series.observe(total);
  }
}

/** A gauge, at hand. */
export class GaugeHandle extends Handle<Gauge> {
  /** @throws DynoError (104) for what is no finite number. */
  set(value: number): void {
    this.series.set(value);
  }

  /** Moves it up, or down by a negative number. @throws DynoError (104) as {@link set} does. */
  add(by: number): void {
    this.series.add(by);
  }
}

/** A series of a histogram or a summary, at hand. */
export class DistributionHandle extends Handle<Distribution> {
  /** Adds a value. @throws DynoError (104) for what is no finite number. */
  record(value: number): void {
    this.series.record(value);
  }
}
