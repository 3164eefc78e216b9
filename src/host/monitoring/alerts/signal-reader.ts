import type { SeriesLabels } from '../metric.js';
import type { Series } from '../series.js';
import type { MetricSelection, AlertSignal, LabelMatch } from './rule.js';

/** LabelMatch series come from. */
export interface SeriesSource {
  seriesOf(metric: string): Iterable<Series>;
}

/** What a signal says for one group of series; the labels tell groups apart. */
export interface Reading {
  readonly key: string;
  readonly labels: SeriesLabels;
  readonly value: number;
}

/** Totals of the groups at one time. */
interface Sample {
  readonly at: number;
  readonly part: Map<string, number>;
  readonly whole: Map<string, number>;
}

/** More samples than this in a window are not kept: the window then begins a little later. */
const maxSamples = 400;

/** Reads one signal, again and again; for rates it remembers what it read in the window. */
export class SignalReader {
  readonly #signal: AlertSignal;
  readonly #source: SeriesSource;
  #samples: Sample[] = [];
  /** The labels of each group, as texts of them. */
  readonly #groups = new Map<string, SeriesLabels>();

  constructor(signal: AlertSignal, source: SeriesSource) {
    this.#signal = signal;
    this.#source = source;
  }

  /** What the signal says now; groups about which nothing can be said are left out. */
  read(now: number): Reading[] {
    const signal = this.#signal;
    switch (signal.kind) {
      case 'value': {
        const readings: Reading[] = [];
        for (const series of this.#select(signal)) {
          const value = series.statistic(signal.statistic ?? 'value');
          if (value !== null) readings.push({ key: keyOf(series.labels), labels: series.labels, value });
        }
        return readings;
      }
      case 'absent': {
        const there = this.#select(signal).next().done !== true;
        return [{ key: '', labels: {}, value: there ? 0 : 1 }];
      }
      case 'rate': {
        const { windowMs, by } = signal;
        const { first, last } = this.#sample(now, windowMs, this.#totals(signal, by), new Map());
        const seconds = (last.at - first.at) / 1000;
        if (seconds <= 0) return [];
        return this.#readings(last.part, (key) => growth(first.part, last.part, key) / seconds);
      }
      case 'ratio': {
        const { part, whole, windowMs, by, minimum = 1 } = signal;
        const { first, last } = this.#sample(now, windowMs, this.#totals(part, by), this.#totals(whole, by));
        return this.#readings(last.whole, (key) => {
          const all = growth(first.whole, last.whole, key);
          return all < minimum || all === 0 ? NaN : growth(first.part, last.part, key) / all;
        });
      }
    }
  }

  *#select({ metric, where }: MetricSelection): Generator<Series> {
    for (const series of this.#source.seriesOf(metric)) if (answers(series.labels, where)) yield series;
  }

  #totals(selection: MetricSelection, by: readonly string[] = []): Map<string, number> {
    const totals = new Map<string, number>();
    for (const series of this.#select(selection)) {
      const labels: Record<string, string> = {};
      for (const name of by) labels[name] = series.labels[name] ?? '';
      const key = keyOf(labels);
      if (!this.#groups.has(key)) this.#groups.set(key, Object.freeze(labels));
      totals.set(key, (totals.get(key) ?? 0) + series.total);
    }
    return totals;
  }

  #sample(
    now: number,
    windowMs: number,
    part: Map<string, number>,
    whole: Map<string, number>,
  ): { first: Sample; last: Sample } {
    const last = { at: now, part, whole };
    this.#samples.push(last);
    // The newest sample that is at least a window old stays: the growth since then spans the whole window.
    while (this.#samples.length > 2 && this.#samples[1]!.at <= now - windowMs) this.#samples.shift();
    if (this.#samples.length > maxSamples) this.#samples.shift();
    const first = this.#samples[0]!;
    for (const key of this.#groups.keys()) {
      if (!part.has(key) && !whole.has(key)) this.#groups.delete(key);
    }
    return { first, last };
  }

  #readings(groups: Map<string, number>, valueOf: (key: string) => number): Reading[] {
    const readings: Reading[] = [];
    for (const key of groups.keys()) {
      const value = valueOf(key);
      if (!Number.isNaN(value)) readings.push({ key, labels: this.#groups.get(key) ?? {}, value });
    }
    return readings;
  }
}

/** How much a group grew; one that is new grew from nothing, one that shrank began anew. */
function growth(first: Map<string, number>, last: Map<string, number>, key: string): number {
  const before = first.get(key) ?? 0;
  const after = last.get(key) ?? 0;
  return after >= before ? after - before : after;
}

/** Whether labels are as asked for. */
export function answers(labels: SeriesLabels, where: LabelMatch | undefined): boolean {
  for (const name in where) {
    const asked = where[name];
    const value = labels[name];
    if (typeof asked === 'boolean' ? (value !== undefined) !== asked : value !== asked) return false;
  }
  return true;
}

function keyOf(labels: SeriesLabels): string {
  return JSON.stringify(labels);
}
