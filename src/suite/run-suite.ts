import { combineVerdict } from '../analysis/verdict.js';
import { decidingExitCode, exitCodes, type ExitCode } from '../core/exit-code.js';
import type { JsonObject } from '../core/json.js';
import { runSchema, type RunResult, type TestResult } from '../core/run-result.js';
import { version } from '../core/version.js';
import { readEnvironment } from '../measure/index.js';
import type { OperationPlan } from '../plan/load-plan.js';
import type { Threshold } from '../plan/thresholds/index.js';
import type { Bench } from './bench.js';
import { runId } from './result/run-id.js';
import { exercisedSentence, verdictSentence } from './result/verdict-sentence.js';
import type { LoadDefaults, TestProgress } from './run-test.js';
import { runTests } from './run-tests.js';
import { unjudged } from './unjudged.js';
import type { ParameterValues, Profile, SuiteTest } from './suite-test.js';

/** Everything that a run of tests needs. */
export interface SuiteRun {
  bench: Bench;
  /** With the parameters of each, checked (`parametersOf`). */
  tests: readonly { test: SuiteTest; parameters: ParameterValues }[];
  profile: Profile;
  /** The mix that is loaded, arguments made and checked. */
  operations: readonly OperationPlan[];
  /** Tools that may be called and are not among them only because they failed when they were tried. */
  failed?: readonly string[];
  thresholds: readonly Threshold[];
  defaults: LoadDefaults;
  /** The effective plan for the RunResult, secrets redacted. */
  plan: JsonObject;
  warnings: readonly string[];
  allowInconclusive: boolean;
  /** First Ctrl-C: end what runs, report. */
  stop: AbortSignal;
  /** Second Ctrl-C: give up at once. */
  abort: AbortSignal;
  /** A threshold with `abortOnFail` no longer holds: end what runs, judge; the reason is a sentence. */
  breached?: AbortSignal;
  /** Tests that may share the machine run beside each other, so many at once, each on its own target; 1 unless given. */
  parallel?: number;
  /** Those that measure CPU or time too. */
  parallelUnsafe?: boolean;
  onProgress?: (progress: TestProgress) => void;
  onTest?: (result: TestResult) => void;
}

/** Runs tests one after another and gives the verdict. @throws DynoError (104) when a plan is wrong. */
export async function runSuite(run: SuiteRun): Promise<RunResult> {
  const started = new Date();
  const began = performance.now();
  const environment = readEnvironment();
  const { ran, warnings } = await runTests(run);
  const results = ran.map(({ result }) => result);
  const notJudged = unjudged(run.thresholds, results);
  const stopped = run.stop.aborted;
  const { status, exitCode } = combineVerdict(
    ran.map(({ result, exitCode: code }) => ({ ...result, exitCode: code ?? exitCodes.failed })),
    { stopped, allowInconclusive: run.allowInconclusive, undecided: notJudged.length > 0 },
  );
  return {
    schema: runSchema,
    id: runId(started),
    startedAt: started.toISOString(),
    durationMs: Math.round(performance.now() - began),
    tool: { name: 'mcp-dyno', version },
    environment: await environment,
    target: run.bench.target,
    plan: run.plan,
    tests: results,
    verdict: {
      status,
      exitCode: withStop(exitCode, stopped),
      sentence: verdictSentence(results, stopped, notJudged),
      exercised: exercisedSentence(results),
    },
    warnings: [
      ...run.warnings,
      ...warnings,
      ...notJudged,
      ...(run.breached?.aborted ? [String(run.breached.reason)] : []),
    ],
  };
}

function withStop(code: ExitCode, stopped: boolean): ExitCode {
  return stopped ? decidingExitCode([code, exitCodes.stopped]) : code;
}
