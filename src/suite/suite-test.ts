import type { JsonObject } from '../core/json.js';
import type { TestResult } from '../core/run-result.js';
import type { LoadHooks, LoadReport, LoadParts } from '../load/index.js';
import type { LoadPlan, OperationPlan } from '../plan/load-plan.js';
import type { Bench } from './bench.js';
import type { TargetWatch } from './target-watch.js';
import type { LeftBy } from './cleanup/leftover.js';

/** How long a run takes: about 15 s, about a minute, or as long as it needs. */
export type Profile = 'smoke' | 'quick' | 'full';

/** What can be set of a test, with its value in each profile. */
export interface Parameter {
  /** One line, with the unit. */
  what: string;
  smoke: number | number[];
  quick: number | number[];
  full: number | number[];
  min: number;
  max: number;
}

/** The values of a test's parameters, checked. */
export type ParameterValues = Readonly<Record<string, number | number[]>>;

/** What a test came to, before its thresholds are judged; what is left out is empty. */
export type TestOutcome = Partial<
  Pick<
    TestResult,
    | 'metrics'
    | 'failures'
    | 'operations'
    | 'series'
    | 'histograms'
    | 'samples'
    | 'notes'
    | 'notJudged'
    | 'generator'
    | 'heatmap'
    | 'windows'
    | 'details'
  >
> & {
  /** Set where the test could not do its work, or found a fault that no threshold names. */
  status?: 'fail' | 'inconclusive' | 'skipped' | 'error';
  reason?: string;
  /** The target ended in its middle, which it alone could see: how, with its last words. */
  died?: string;
  /** What it found, in a few words: the reason shown where it passes, and the first note. */
  finding?: string;
  /**
   * Metrics that are only known to be at least their value, and why: a threshold that fails on one of them is undecided, as
   * more might have been seen.
   */
  lowerBounds?: Readonly<Record<string, string>>;
};

/** One load of a test: what was made of it, and the whole report. */
export interface LoadedPart {
  plan: LoadPlan;
  report: LoadReport;
  parts: LoadParts;
}

/** What a test may want of one of its loads. */
export interface ContextHooks extends Pick<LoadHooks, 'onProgress'> {
  /** The bench to load instead of the test's own, such as one that `fresh()` gave. */
  bench?: Bench;
  /** Watches the target from load to load and goes on between them; its owner stops it. Each load has its own unless given. */
  watch?: TargetWatch;
  /** Ends this load before its time, as the end of its time would. */
  stop?: AbortSignal;
}

/** What a test is run with. */
export interface TestContext {
  readonly bench: Bench;
  readonly operations: readonly OperationPlan[];
  readonly parameters: ParameterValues;
  readonly profile: Profile;
  /**
   * Runs one load with what all loads of the run have in common (timeout, seed, threads), watching the target's process.
   *
   * @param phase what the view shows, such as `20 in flight`.
   */
  load(
    part: Pick<LoadPlan, 'executor'> & Partial<LoadPlan>,
    phase?: string,
    hooks?: ContextHooks,
  ): Promise<LoadedPart>;
  /** A whole-number parameter. */
  number(name: string): number;
  /** A parameter that is a list of numbers. */
  list(name: string): number[];
  /** Tools that may be called and are not in the mix only because they failed when they were tried. */
  readonly failed?: readonly string[];
  /** What the tests before this one left behind. */
  readonly earlier: readonly LeftBy[];
  /** Aborted when the run is to end; further loads begin no calls. */
  readonly stop: AbortSignal;
}

/** What a test takes of the machine at its height, beyond what dyno uses anyway. */
export interface Needs {
  /** Memory of dyno and of what it starts, MB. */
  memoryMb?: number;
  /** File descriptors of this process: one for each connection, three for each process that it starts. */
  fds?: number;
  /** Local ports: one for each connection over HTTP. */
  ports?: number;
}

/** One named test of the suite. */
export interface SuiteTest {
  id: string;
  title: string;
  tags: readonly string[];
  /** The name that the suite's first authors gave it, which `--only` takes too. */
  originalName?: string;
  /** What it does and what it decides, a paragraph for `--explain`. */
  explain: string;
  parameters: Readonly<Record<string, Parameter>>;
  /** How long it may take at most with these parameters, ms. */
  limitMs(parameters: ParameterValues): number;
  run(context: TestContext): Promise<TestOutcome>;
  /**
   * It measures neither CPU nor time nor what depends on them, so that it may run beside other tests (`--parallel`).
   * Absent: it has the machine to itself.
   */
  sharesMachine?: boolean;
  /** It asks the sessions that it opened whether they have ended, and judges that itself. */
  provesSessions?: true;
  /** It tries what may end the instances that it starts for itself: that one ended is its finding, not an error. */
  breaksTargets?: boolean;
  /** Profiles that it is too long for: there it runs only where `--only` or `--tag` names it. */
  onlyNamed?: readonly Profile[];
  /** What the machine must have for it at once; where that is missing it is skipped, with the number. */
  needs?(parameters: ParameterValues, bench: Bench): Needs;
  /** Why it does not apply to a target; undefined where it does. */
  skip?(bench: Bench): string | undefined;
}

/** What the config file may set for a test: its parameters by name. */
export type TestParameters = Readonly<Record<string, JsonObject>>;
