import type { ExitCode } from '../core/exit-code.js';
import type { TestResult } from '../core/run-result.js';
import type { LoadProgress } from '../load/index.js';
import type { SharedSession } from './test-bench.js';
import type { TreeSample } from '../measure/index.js';
import type { LoadPlan, OperationPlan } from '../plan/load-plan.js';
import { thresholdsFor, type Threshold } from '../plan/thresholds/index.js';
import type { Bench } from './bench.js';
import type { LeftBy, Leftover } from './cleanup/leftover.js';
import { withLeftovers } from './cleanup/with-leftovers.js';
import { machineRoom, shortOf, type MachineRoom } from './machine-room.js';
import { judged } from './judged.js';
import type { ParameterValues, Profile, SuiteTest, TestOutcome } from './suite-test.js';
import { runCourse, type Course } from './test-course.js';

/** What every load of a run has in common. */
export interface LoadDefaults {
  timeoutMs: number;
  gracefulStopMs: number;
  startTimeoutMs: number;
  seed: number;
  workers: number;
  session: LoadPlan['session'];
  sessionCalls?: number;
  /** Calls carry progress tokens. */
  progress?: boolean;
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
  /** Time beyond the test's own reckoning before it is ended, ms; 30,000 unless given. */
  slackMs?: number;
  /** It runs beside other tests. */
  sharing?: boolean;
  /** What its loads go through, where other tests' loads go through it too; its own unless given. */
  session?: SharedSession;
  /** What the machine has left; looked at unless given. */
  room?: MachineRoom;
  /** Tools that may be called and are not in the mix only because they failed when they were tried. */
  failed?: readonly string[];
  /** What earlier tests of the run left. */
  earlier?: readonly LeftBy[];
  /** Whether processes that outlive the target fail this test; true unless another test of the run judges them. */
  failOnOrphans?: boolean;
  /** How long it may take to end then, ms; 15,000 unless given. */
  endingMs?: number;
  onProgress?: ((progress: TestProgress) => void) | undefined;
}

/** How a test ended. */
export interface RanTest {
  result: TestResult;
  /** The target ended in the middle of it: how, with its last words. */
  died?: string;
  /** Of an error: what it means for the exit, where that is not 99. */
  exitCode?: ExitCode;
  /** What was still there after it. */
  left: readonly Leftover[];
}

/** Runs one test to a result; whatever happens ends in one. */
export async function runTest(run: TestRun): Promise<RanTest> {
  const began = performance.now();
  const skipped = run.test.skip?.(run.bench) ?? lackOf(run);
  const course: Course =
    skipped === undefined
      ? await runCourse(run)
      : { outcome: { status: 'skipped', reason: skipped }, left: [] };
  const { outcome: measured, ...more } = course;
  const outcome = withLeftovers(measured, more.left, run.failOnOrphans ?? true);
  const result = resultOf(run.test, outcome, performance.now() - began);
  const thresholds = thresholdsFor(run.test.id, run.thresholds);
  return { result: judged(result, outcome, thresholds, run.stop.aborted), ...more };
}

/** What the machine lacks for the test, with the numbers. */
function lackOf({ test, parameters, bench, room = machineRoom() }: TestRun): string | undefined {
  const needs = test.needs?.(parameters, bench);
  return needs === undefined ? undefined : shortOf(needs, room);
}

/** The result that an outcome makes, its thresholds still to be judged. */
export function resultOf(test: SuiteTest, outcome: TestOutcome, durationMs: number): TestResult {
  return {
    id: test.id,
    title: test.title,
    tags: [...test.tags],
    status: 'pass',
    durationMs: Math.round(durationMs),
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
}

function sentence(words: string): string {
  // A name such as p99 stays as it is.
  if (/^p\d/.test(words)) return `${words}.`;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
