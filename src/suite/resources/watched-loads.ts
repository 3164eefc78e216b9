import { judgeGenerator } from '../../analysis/generator.js';
import { backgroundClock, sleep } from '../../core/clock.js';
import type { GeneratorReport, TimeWindow } from '../../core/run-result.js';
import type { SamplerTiming } from '../../measure/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadedPart, TestContext, TestOutcome } from '../suite-test.js';
import { TargetWatch, type WatchedSample } from '../target-watch.js';
import { joinedParts } from '../tests/joined-parts.js';
import { watchedSeries } from './watched-series.js';

/** A stretch of time on the machine's monotonic clock, ms. */
export interface Stretch {
  from: number;
  to: number;
}

/** Loads of one test with idle times between them, the target watched all along. */
export class WatchedLoads {
  readonly parts: LoadedPart[] = [];
  readonly #context: TestContext;
  readonly #watch: TargetWatch;
  readonly #idle: (Stretch & { label: string })[] = [];
  readonly #began = backgroundClock.now();

  constructor(context: TestContext, timing: SamplerTiming = {}) {
    this.#context = context;
    this.#watch = new TargetWatch(timing);
    // Over stdio the process comes with the first load.
    const { bench } = context;
    if (bench.loadTarget.kind !== 'stdio') this.#watch.start(bench.resources([]));
  }

  /** Why the target's process ended in the middle of a load, or undefined. */
  get died(): string | undefined {
    return this.parts.find(({ report }) => report.died !== undefined)?.report.died;
  }

  /** One load; gives the time it took. @param stop ends it early. */
  async load(
    part: Pick<LoadPlan, 'executor'> & Partial<LoadPlan>,
    phase: string,
    hooks: { stop?: AbortSignal; onSample?: () => void } = {},
  ): Promise<Stretch> {
    const from = backgroundClock.now();
    this.parts.push(
      await this.#context.load(part, phase, {
        watch: this.#watch,
        ...(hooks.stop === undefined ? {} : { stop: hooks.stop }),
        ...(hooks.onSample === undefined ? {} : { onProgress: hooks.onSample }),
      }),
    );
    return { from, to: backgroundClock.now() };
  }

  /** Watches with no load going on, for `ms` or until the run is to end. */
  async idle(ms: number, label: string): Promise<Stretch> {
    const from = backgroundClock.now();
    // Aborted only means that it ends earlier.
    await sleep(ms, undefined, this.#context.stop).catch(() => undefined);
    await this.#watch.look();
    const stretch = { from, to: backgroundClock.now() };
    this.#idle.push({ ...stretch, label });
    return stretch;
  }

  /** What was seen in a stretch. */
  samples({ from, to }: Stretch): WatchedSample[] {
    return this.#watch.samples(from, to);
  }

  /** The calls of all loads together, and what the target used from the beginning to the end, idle times included. */
  async end(): Promise<TestOutcome> {
    const use = await this.#watch.stop();
    const joined = joinedParts(this.parts);
    const samples = this.#watch.samples();
    const start = samples[0]?.t ?? this.#began;
    const windows = this.#idle.map(({ from, to, label }): TimeWindow => ({
      kind: 'idle',
      label,
      from: (from - start) / 1000,
      to: (to - start) / 1000,
    }));
    const { generator } = joined;
    return {
      ...joined,
      ...(generator === undefined ? {} : { generator: latenessAside(generator) }),
      metrics: { ...joined.metrics, ...use.metrics },
      ...(samples.length < 2 ? {} : { series: watchedSeries(samples), windows }),
      notes: [...new Set([...(joined.notes ?? []), ...use.notes])],
    };
  }
}

/** Calls that are handed over all at once leave late on purpose, and lateness spoils neither memory nor success. */
function latenessAside(generator: GeneratorReport): GeneratorReport {
  const { limited, evidence } = judgeGenerator({
    busyShare: generator.busyPercent / 100,
    scheduleLagP99Ms: null,
    latencyP50Ms: null,
  });
  return { ...generator, limited, evidence };
}
