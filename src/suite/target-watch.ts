import type { Metrics } from '../core/run-result.js';
import { samplerOf, type ResourceSampler, type ResourceSource, type TreeSample } from '../measure/index.js';

/** What the target's processes used while a load ran. */
export interface TargetUse {
  metrics: Metrics;
  /** Seconds from the start of the watching; MB and % of one core. */
  series: { t: number[]; rss: number[]; cpu: (number | null)[] };
  /** What could not be watched, and why. */
  notes: string[];
}

const megabyte = 1e6;

/** Watches the target's processes from {@link TargetWatch.start} to {@link TargetWatch.stop}. */
export class TargetWatch {
  readonly #samples: TreeSample[] = [];
  readonly #notes: string[] = [];
  #sampler: ResourceSampler | undefined;

  start(source: ResourceSource): void {
    const made = samplerOf(source);
    if ('reason' in made) {
      this.#notes.push(`The target's processes cannot be watched: ${made.reason}`);
      return;
    }
    this.#sampler = made;
    this.#notes.push(...made.missing);
    made.start((sample) => this.#add(sample));
  }

  /** The newest sample. */
  get last(): TreeSample | undefined {
    return this.#samples.at(-1);
  }

  async stop(): Promise<TargetUse> {
    const last = await this.#sampler?.sample().catch(() => undefined);
    this.#sampler?.stop();
    if (last !== undefined && last.processes > 0) this.#add(last);
    return { metrics: this.#metrics(), series: this.#series(), notes: this.#notes };
  }

  /** At most 2,400 samples: with more, every other one goes, so that a long run keeps its shape. */
  #add(sample: TreeSample): void {
    if (sample.processes === 0) return;
    this.#samples.push(sample);
    if (this.#samples.length > 2400) {
      for (let i = 0; i < 1200; i++) this.#samples.splice(i + 1, 1);
    }
  }

  #metrics(): Metrics {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return {};
    const most = (of: (sample: TreeSample) => number | null) =>
      Math.max(...this.#samples.map((sample) => of(sample) ?? 0));
    const rss = (value: number) => ({ value: value / megabyte, unit: 'MB' });
    const maxRss = most((sample) => sample.rssBytes);
    const metrics: Metrics = {
      'target.rss.start': rss(first.rssBytes),
      'target.rss.max': rss(maxRss),
      'target.rss.end': rss(last.rssBytes),
      'target.rss.increase': rss(maxRss - first.rssBytes),
      'target.processes': { value: most((sample) => sample.processes), unit: 'count' },
    };
    const cpu = this.#cpu();
    if (cpu !== undefined) {
      metrics['target.cpu.mean'] = { value: cpu.mean, unit: '%' };
      metrics['target.cpu.max'] = { value: cpu.max, unit: '%' };
    }
    if (last.pssBytes !== null) metrics['target.pss.end'] = rss(last.pssBytes);
    if (first.fds !== null && last.fds !== null) {
      metrics['target.fds.start'] = { value: first.fds, unit: 'count' };
      metrics['target.fds.max'] = { value: most((sample) => sample.fds), unit: 'count' };
      metrics['target.fds.end'] = { value: last.fds, unit: 'count' };
    }
    if (last.threads !== null)
      metrics['target.threads.max'] = { value: most((sample) => sample.threads), unit: 'count' };
    return metrics;
  }

  /** The mean weighs each window by its length: the last one is often short. */
  #cpu(): { mean: number; max: number } | undefined {
    let weighted = 0;
    let time = 0;
    let max = 0;
    for (const [index, sample] of this.#samples.entries()) {
      const before = this.#samples[index - 1];
      if (sample.cpuPercent === null || before === undefined) continue;
      const length = sample.t - before.t;
      weighted += sample.cpuPercent * length;
      time += length;
      max = Math.max(max, sample.cpuPercent);
    }
    return time === 0 ? undefined : { mean: weighted / time, max };
  }

  #series(): TargetUse['series'] {
    const start = this.#samples[0]?.t ?? 0;
    return {
      t: this.#samples.map((sample) => (sample.t - start) / 1000),
      rss: this.#samples.map((sample) => sample.rssBytes / megabyte),
      cpu: this.#samples.map((sample) => sample.cpuPercent),
    };
  }
}

/** The target's columns at the times of a load's series: the last sample before the end of each interval. */
export function alignedSeries(
  t: readonly number[],
  use: TargetUse,
): { rss: (number | null)[]; cpu: (number | null)[] } {
  let at = 0;
  const indexes = t.map((time) => {
    while (at < use.series.t.length - 1 && use.series.t[at + 1]! <= time) at++;
    return at;
  });
  const round = (value: number | null | undefined) => (value == null ? null : Math.round(value * 10) / 10);
  return {
    rss: indexes.map((index) => round(use.series.rss[index])),
    cpu: indexes.map((index) => round(use.series.cpu[index])),
  };
}
