import { backgroundClock } from '../core/clock.js';
import { limitSentence, loadParts } from '../load/index.js';
import type { LoadPlan, OperationPlan } from '../plan/load-plan.js';
import type { Bench } from './bench.js';
import { CpuJudge } from './resources/cpu-judge.js';
import { Reachability } from './reachability.js';
import type { TestRun } from './run-test.js';
import type { ContextHooks, LoadedPart, ParameterValues, Profile, TestContext } from './suite-test.js';
import { alignedSeries, TargetWatch, type TargetUse } from './target-watch.js';

/** The signals that end a test: begin nothing more, and give up at once. */
export interface TestSignals {
  stop: AbortSignal;
  abort: AbortSignal;
}

/** What a test is handed; it remembers the loads, so that they are kept when the test itself does not come to its end. */
export class Context implements TestContext {
  readonly bench: Bench;
  readonly operations: readonly OperationPlan[];
  readonly parameters: ParameterValues;
  readonly profile: Profile;
  readonly stop: AbortSignal;
  readonly earlier: TestContext['earlier'];
  readonly failed: readonly string[];
  /** Every load so far. */
  readonly loads: LoadedPart[] = [];
  /** Where the target's time went in them. */
  readonly cpu = new CpuJudge();
  readonly #run: TestRun;
  readonly #abort: AbortSignal;
  readonly #onOutOfReach: (why: string) => void;

  constructor(run: TestRun, bench: Bench, signals: TestSignals, onOutOfReach: (why: string) => void) {
    this.#run = run;
    this.bench = bench;
    this.operations = run.operations;
    this.parameters = run.parameters;
    this.profile = run.profile;
    this.stop = signals.stop;
    this.earlier = run.earlier ?? [];
    this.failed = run.failed ?? [];
    this.#abort = signals.abort;
    this.#onOutOfReach = onOutOfReach;
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
    const watch = hooks.watch ?? new TargetWatch();
    let began = 0;
    const reachability = new Reachability(bench, this.#onOutOfReach);
    const report = await bench.runner.run(plan, bench.loadTarget, {
      stop: hooks.stop === undefined ? this.stop : AbortSignal.any([this.stop, hooks.stop]),
      abort: this.#abort,
      onStart: ({ pids }) => {
        began = backgroundClock.now();
        this.cpu.begin();
        watch.start(bench.resources(pids));
      },
      onProgress: (load) => {
        reachability.look(load);
        watch.counted(load.operations.reduce((sum, operation) => sum + operation.ok + operation.failures, 0));
        hooks.onProgress?.(load);
        onProgress?.({ test, phase, plan, load, target: watch.last });
      },
    });
    const use = await useOf(watch, hooks.watch === undefined, began);
    const limit = limitSentence(plan, report, use.metrics['target.cpu.mean']?.value ?? null);
    const own = loadParts(plan, report);
    const notes = limit === undefined ? own.notes : [...own.notes, limit];
    const loaded = { plan, report, parts: withTarget({ ...own, notes }, use) };
    this.cpu.add(loaded.parts.metrics, report.elapsedMs);
    this.loads.push(loaded);
    return loaded;
  }
}

/** What the load used; a watch of its own ends with it. */
async function useOf(watch: TargetWatch, own: boolean, began: number): Promise<TargetUse> {
  if (own) return await watch.stop();
  await watch.look();
  return watch.use(began);
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
