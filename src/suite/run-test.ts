import { DynoError, messageOf } from '../core/errors.js';
import type { TestResult } from '../core/run-result.js';
import type { LoadProgress } from '../load/index.js';
import { loadParts } from '../load/index.js';
import type { LoadPlan, OperationPlan } from '../plan/load-plan.js';
import { thresholdsFor, type Threshold } from '../plan/thresholds/index.js';
import type { TreeSample } from '../measure/index.js';
import type { Bench } from './bench.js';
import { judged } from './judged.js';
import type {
  ContextHooks,
  LoadedPart,
  ParameterValues,
  Profile,
  SuiteTest,
  TestContext,
  TestOutcome,
} from './suite-test.js';
import { TestBench } from './test-bench.js';
import { alignedSeries, TargetWatch, type TargetUse } from './target-watch.js';

/** What every load of a run has in common. */
export interface LoadDefaults {
  timeoutMs: number;
  gracefulStopMs: number;
  startTimeoutMs: number;
  seed: number;
  workers: number;
  session: LoadPlan['session'];
}

/** What a view hears while a test runs. */
export interface TestProgress {
  test: SuiteTest;
  /** Which part of the test, such as `20 in flight`; empty where there is only one. */
  phase: string;
  plan: LoadPlan;
  load: LoadProgress;
  target: TreeSample | undefined;
}

/** What one test is run with. */
export interface TestRun {
  bench: Bench;
  test: SuiteTest;
  profile: Profile;
  parameters: ParameterValues;
  operations: readonly OperationPlan[];
  thresholds: readonly Threshold[];
  defaults: LoadDefaults;
  stop: AbortSignal;
  abort: AbortSignal;
  onProgress?: ((progress: TestProgress) => void) | undefined;
}

/** Time that a test may take beyond its own reckoning before it is ended, ms. */
const slackMs = 30_000;

/** Runs one test to a result; whatever happens ends in one. */
export async function runTest(run: TestRun): Promise<TestResult> {
  const began = performance.now();
  const outcome = await outcomeOf(run);
  const { test } = run;
  const result: TestResult = {
    id: test.id,
    title: test.title,
    tags: [...test.tags],
    status: 'pass',
    durationMs: Math.round(performance.now() - began),
    metrics: outcome.metrics ?? {},
    thresholds: [],
    failures: outcome.failures ?? [],
    operations: outcome.operations ?? {},
    series: outcome.series ?? { t: [] },
    histograms: outcome.histograms ?? {},
    samples: outcome.samples ?? [],
    notJudged: outcome.notJudged ?? [],
    notes: [...(outcome.finding === undefined ? [] : [sentence(outcome.finding)]), ...(outcome.notes ?? [])],
    ...(outcome.generator === undefined ? {} : { generator: outcome.generator }),
    ...(outcome.heatmap === undefined ? {} : { heatmap: outcome.heatmap }),
    ...(outcome.windows === undefined ? {} : { windows: outcome.windows }),
    ...(outcome.details === undefined ? {} : { details: outcome.details }),
  };
  return judged(result, outcome, thresholdsFor(test.id, run.thresholds), run.stop.aborted);
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

async function outcomeOf(run: TestRun): Promise<TestOutcome> {
  const skipped = run.test.skip?.(run.bench);
  if (skipped !== undefined) return { status: 'skipped', reason: skipped };
  const limit = new AbortController();
  const limitMs = run.test.limitMs(run.parameters) + slackMs;
  const timer = setTimeout(() => {
    limit.abort();
  }, limitMs);
  const signals = {
    stop: AbortSignal.any([run.stop, limit.signal]),
    abort: AbortSignal.any([run.abort, limit.signal]),
  };
  const bench = new TestBench(run.bench);
  try {
    const outcome = await run.test.run(new Context(run, bench, signals));
    if (!limit.signal.aborted) return outcome;
    return {
      ...outcome,
      status: 'error',
      reason: `the test did not end within ${Math.round(limitMs / 1000)} s`,
    };
  } catch (error) {
    if (error instanceof DynoError && error.exitCode === 104) throw error;
    const hint = error instanceof DynoError && error.hint !== undefined ? ` ${error.hint}` : '';
    return { status: 'error', reason: `${messageOf(error)}.${hint}` };
  } finally {
    clearTimeout(timer);
    await bench.close();
  }
}

class Context implements TestContext {
  readonly bench: Bench;
  readonly operations: readonly OperationPlan[];
  readonly parameters: ParameterValues;
  readonly profile: Profile;
  readonly stop: AbortSignal;
  readonly #run: TestRun;
  readonly #abort: AbortSignal;

  constructor(run: TestRun, bench: Bench, signals: { stop: AbortSignal; abort: AbortSignal }) {
    this.#run = run;
    this.bench = bench;
    this.operations = run.operations;
    this.parameters = run.parameters;
    this.profile = run.profile;
    this.stop = signals.stop;
    this.#abort = signals.abort;
  }

  number(name: string): number {
    return this.parameters[name] as number;
  }

  list(name: string): number[] {
    return this.parameters[name] as number[];
  }

  async load(
    part: Pick<LoadPlan, 'executor'> & Partial<LoadPlan>,
    phase = '',
    hooks: ContextHooks = {},
  ): Promise<LoadedPart> {
    const { test, defaults, onProgress } = this.#run;
    const bench = hooks.bench ?? this.bench;
    const plan: LoadPlan = {
      operations: [...this.operations],
      warmup: { kind: 'none' },
      ...defaults,
      ...part,
    };
    const watch = new TargetWatch();
    const report = await bench.runner.run(plan, bench.loadTarget, {
      stop: this.stop,
      abort: this.#abort,
      onStart: ({ pids }) => {
        watch.start(bench.resources(pids));
      },
      onProgress: (load) => {
        hooks.onProgress?.(load);
        onProgress?.({ test, phase, plan, load, target: watch.last });
      },
    });
    const use = await watch.stop();
    const parts = withTarget(loadParts(plan, report), use);
    return { plan, report, parts };
  }
}

function withTarget(parts: LoadedPart['parts'], use: TargetUse): LoadedPart['parts'] {
  const aligned = alignedSeries(parts.series.t, use);
  const watched = use.series.t.length > 0;
  return {
    ...parts,
    metrics: { ...parts.metrics, ...use.metrics },
    series: watched
      ? { ...parts.series, 'target.rss': aligned.rss as number[], 'target.cpu': aligned.cpu as number[] }
      : parts.series,
    notes: [...parts.notes, ...use.notes],
  };
}
