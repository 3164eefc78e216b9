import { combineVerdict } from '../analysis/index.js';
import { decidingExitCode, exitCodes, type ExitCode } from '../core/exit-code.js';
import type { JsonObject } from '../core/json.js';
import { runSchema, type RunResult, type TestResult } from '../core/run-result.js';
import { version } from '../core/version.js';
import { readEnvironment } from '../measure/index.js';
import type { OperationPlan } from '../plan/load-plan.js';
import type { Threshold } from '../plan/thresholds/index.js';
import type { Bench } from './bench.js';
import { leftByStop, type LeftBy } from './cleanup/leftover.js';
import { runId } from './result/run-id.js';
import { exercisedSentence, verdictSentence } from './result/verdict-sentence.js';
import { resultOf, runTest, type LoadDefaults, type RanTest, type TestProgress } from './run-test.js';
import { Seat } from './seat.js';
import type { ParameterValues, Profile, SuiteTest } from './suite-test.js';

/** Everything that a run of tests needs. */
export interface SuiteRun {
  bench: Bench;
  /** With the parameters of each, checked (`parametersOf`). */
  tests: readonly { test: SuiteTest; parameters: ParameterValues }[];
  profile: Profile;
  /** The mix that is loaded, arguments made and checked. */
  operations: readonly OperationPlan[];
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
  onProgress?: (progress: TestProgress) => void;
  onTest?: (result: TestResult) => void;
}

/** Runs tests one after another and gives the verdict. @throws DynoError (104) when a plan is wrong. */
export async function runSuite(run: SuiteRun): Promise<RunResult> {
  const started = new Date();
  const began = performance.now();
  const environment = readEnvironment();
  const { results, codes } = await runTests(run);
  const stopped = run.stop.aborted;
  const { status, exitCode } = combineVerdict(
    results.map((result, index) => ({ ...result, exitCode: codes[index] ?? exitCodes.failed })),
    { stopped, allowInconclusive: run.allowInconclusive },
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
      sentence: verdictSentence(results, stopped),
      exercised: exercisedSentence(results),
    },
    warnings: [...run.warnings, ...(run.breached?.aborted ? [String(run.breached.reason)] : [])],
  };
}

/** The results in the order of the tests, and what each error means for the exit where it is not 99. */
async function runTests(run: SuiteRun): Promise<{ results: TestResult[]; codes: (ExitCode | undefined)[] }> {
  const results: TestResult[] = [];
  const codes: (ExitCode | undefined)[] = [];
  const { tests, bench, breached, onTest, ...common } = run;
  const stop = breached === undefined ? run.stop : AbortSignal.any([run.stop, breached]);
  const seat = new Seat(bench);
  const stdio = bench.target.kind === 'stdio';
  const setUp = bench.stops.flatMap((report) => leftByStop(report, stdio));
  const earlier: LeftBy[] = setUp.map((left) => ({ ...left, test: 'the set-up' }));
  const failOnOrphans = !tests.some(({ test }) => test.id === 'resource-cleanup');
  try {
    for (const { test, parameters } of tests) {
      if (stop.aborted) break;
      const cannot = await seat.ready();
      const ran: RanTest =
        cannot === undefined
          ? await runTest({ ...common, bench: seat.bench, test, parameters, stop, earlier, failOnOrphans })
          : { result: { ...resultOf(test, cannot, 0), ...cannot }, left: [] };
      if (ran.died !== undefined) seat.lose(test.id, ran.died);
      earlier.push(...ran.left.map((left) => ({ ...left, test: test.id })));
      results.push(ran.result);
      codes.push(ran.exitCode);
      onTest?.(ran.result);
    }
  } finally {
    await seat.close();
  }
  return { results, codes };
}

function withStop(code: ExitCode, stopped: boolean): ExitCode {
  return stopped ? decidingExitCode([code, exitCodes.stopped]) : code;
}
