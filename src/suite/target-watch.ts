import type { Metrics } from '../core/run-result.js';
import { backgroundClock } from '../core/clock.js';
import {
  samplerOf,
  type ResourceSampler,
  type ResourceSource,
  type SamplerTiming,
  type TreeSample,
} from '../measure/index.js';

/** What the target's processes used while a load ran. */
export interface TargetUse {
  metrics: Metrics;
  /** Seconds from the start of the watching; MB and % of one core. */
  series: { t: number[]; rss: number[]; cpu: (number | null)[] };
  /** What could not be watched, and why. */
  notes: string[];
}

/** One look at the target's processes, with what was going on. */
export interface WatchedSample extends TreeSample {
  /** Calls answered by then since the watching began, failed ones too. */
  calls: number;
  /** Resident memory of this process, which makes the load. */
  generatorRssBytes: number;
}

const megabyte = 1e6;
const mostSamples = 2400;

/** Watches the target's processes from {@link TargetWatch.start} to {@link TargetWatch.stop}, through one load or several. */
export class TargetWatch {
  readonly #timing: SamplerTiming;
  readonly #samples: (TreeSample & { generatorRssBytes: number })[] = [];
  readonly #notes = new Set<string>();
  /** How many calls had been answered when, rising. */
  readonly #counts: { t: number; calls: number }[] = [];
  #callsBefore = 0;
  #sampler: ResourceSampler | undefined;
  #watched = '';

  constructor(timing: SamplerTiming = {}) {
    this.#timing = timing;
  }

  /** Begins, or goes on where the same is watched already. */
  start(source: ResourceSource): void {
    this.#callsBefore = this.#counts.at(-1)?.calls ?? 0;
    this.counted(0);
    const watched = JSON.stringify(source);
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#sampler?.stop();
    const made = samplerOf(source, this.#timing);
    if ('reason' in made) {
      this.#notes.add(`The target's processes cannot be watched: ${made.reason}`);
      return;
    }
    this.#sampler = made;
    made.start((sample) => {
      this.#add(sample);
    });
  }

  /** So many calls of the load that is going on have been answered. */
  counted(calls: number): void {
    this.#counts.push({ t: backgroundClock.now(), calls: this.#callsBefore + calls });
    thin(this.#counts);
  }

  /** The newest sample. */
  get last(): TreeSample | undefined {
    return this.#samples.at(-1);
  }

  /** One more sample now. */
  async look(): Promise<void> {
    const last = await this.#sampler?.sample().catch(() => undefined);
    if (last !== undefined) this.#add(last);
  }

  async stop(): Promise<TargetUse> {
    await this.look();
    this.#sampler?.stop();
    return this.use();
  }

  /** What was used between two moments of the machine's monotonic clock. */
  use(from = -Infinity, to = Infinity): TargetUse {
    for (const gap of this.#sampler?.missing ?? []) this.#notes.add(gap);
    const samples = this.#samples.filter((sample) => sample.t >= from && sample.t <= to);
    return { metrics: metricsOf(samples), series: seriesOf(samples), notes: [...this.#notes] };
  }

  /** What was seen between two moments of the machine's monotonic clock, with the calls answered by then. */
  samples(from = -Infinity, to = Infinity): WatchedSample[] {
    let at = 0;
    return this.#samples
      .filter((sample) => sample.t >= from && sample.t <= to)
      .map((sample) => {
        while (at < this.#counts.length - 1 && this.#counts[at + 1]!.t <= sample.t) at++;
        return { ...sample, calls: callsAt(sample.t, this.#counts[at], this.#counts[at + 1]) };
      });
  }

  #add(sample: TreeSample): void {
    if (sample.processes === 0) return;
    this.#samples.push({ ...sample, generatorRssBytes: process.memoryUsage.rss() });
    thin(this.#samples);
  }
}

/** With more than so many every other one goes, so that a long run keeps its shape. */
function thin(samples: unknown[]): void {
  if (samples.length <= mostSamples) return;
  for (let i = 0; i < mostSamples / 2; i++) samples.splice(i + 1, 1);
}

/** Counts come a few times a second: between two of them calls are taken as evenly spread. */
function callsAt(
  t: number,
  before: { t: number; calls: number } | undefined,
  after: { t: number; calls: number } | undefined,
): number {
  if (before === undefined || t < before.t) return 0;
  if (after === undefined || after.t <= before.t) return before.calls;
  return before.calls + Math.round(((after.calls - before.calls) * (t - before.t)) / (after.t - before.t));
}

type Seen = readonly (TreeSample & { generatorRssBytes: number })[];

function metricsOf(samples: Seen): Metrics {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return {};
  const most = (of: (sample: TreeSample) => number | null) =>
    Math.max(...samples.map((sample) => of(sample) ?? 0));
  const rss = (value: number) => ({ value: value / megabyte, unit: 'MB' });
  const maxRss = most((sample) => sample.rssBytes);
  const metrics: Metrics = {
    'target.rss.start': rss(first.rssBytes),
    'target.rss.max': rss(maxRss),
    'target.rss.end': rss(last.rssBytes),
    'target.rss.increase': rss(maxRss - first.rssBytes),
    'target.processes': { value: most((sample) => sample.processes), unit: 'count' },
  };
  const cpu = cpuOf(samples);
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
  metrics['generator.rss.start'] = rss(first.generatorRssBytes);
  metrics['generator.rss.max'] = rss(Math.max(...samples.map((sample) => sample.generatorRssBytes)));
  if (first.threads !== null) metrics['target.threads.start'] = { value: first.threads, unit: 'count' };
  if (last.threads !== null) metrics['target.threads.end'] = { value: last.threads, unit: 'count' };
  if (last.threads !== null)
    metrics['target.threads.max'] = { value: most((sample) => sample.threads), unit: 'count' };
  return metrics;
}

/** The mean weighs each window by its length: the last one is often short. */
function cpuOf(samples: Seen): { mean: number; max: number } | undefined {
  let weighted = 0;
  let time = 0;
  let max = 0;
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    if (sample.cpuPercent === null || before === undefined) continue;
    const length = sample.t - before.t;
    weighted += sample.cpuPercent * length;
    time += length;
    max = Math.max(max, sample.cpuPercent);
  }
  return time === 0 ? undefined : { mean: weighted / time, max };
}

function seriesOf(samples: Seen): TargetUse['series'] {
  const start = samples[0]?.t ?? 0;
  return {
    t: samples.map((sample) => (sample.t - start) / 1000),
    rss: samples.map((sample) => sample.rssBytes / megabyte),
    cpu: samples.map((sample) => sample.cpuPercent),
  };
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
