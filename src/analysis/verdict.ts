import {
  decidingExitCode,
  exitCodes,
  type ExitCode,
  type RunResult,
  type TestStatus,
} from '../core/index.js';

/** What a test adds to the verdict of its run. */
export interface JudgedTest {
  id: string;
  status: TestStatus;
  /**
   * For an `error`: what it means for the exit. 99 (default) where the target was at fault, for example because it died;
   * 111 where it could not be reached; 1 where dyno itself failed.
   */
  exitCode?: ExitCode;
}

/** What else decides a run. */
export interface VerdictOptions {
  /** Stopped by a signal: exit 105. */
  stopped?: boolean;
  /** A regression against the baseline: exit 113. */
  regression?: boolean;
  /** The comparison with the baseline could not decide: exit 112. */
  comparisonInconclusive?: boolean;
  /** Something that was asked could not be judged: exit 112. */
  undecided?: boolean;
  /** `--allow-inconclusive`: 112 becomes 0. The status still says inconclusive. */
  allowInconclusive?: boolean;
}

/** A run's verdict with the tests behind it, by status. */
export interface CombinedVerdict {
  status: RunResult['verdict']['status'];
  exitCode: ExitCode;
  tests: Record<TestStatus, string[]>;
}

const codeOf: Record<TestStatus, ExitCode> = {
  pass: exitCodes.pass,
  fail: exitCodes.failed,
  inconclusive: exitCodes.inconclusive,
  skipped: exitCodes.pass,
  error: exitCodes.failed,
};

/**
 * Combines the tests of a run into its verdict. Skipped tests fail nothing, but a run in which nothing ran, or everything
 * was skipped, is inconclusive. The exit code follows the precedence 104, 105, 111, 1, 99, 113, 112, 0.
 */
export function combineVerdict(tests: readonly JudgedTest[], options: VerdictOptions = {}): CombinedVerdict {
  const by: CombinedVerdict['tests'] = { pass: [], fail: [], inconclusive: [], skipped: [], error: [] };
  const codes: ExitCode[] = [];
  for (const test of tests) {
    by[test.status].push(test.id);
    codes.push(test.status === 'error' ? (test.exitCode ?? codeOf.error) : codeOf[test.status]);
  }
  const nothingRan = by.skipped.length === tests.length;
  const undecided =
    nothingRan ||
    by.inconclusive.length > 0 ||
    options.comparisonInconclusive === true ||
    options.undecided === true ||
    options.stopped === true;
  if (undecided) codes.push(exitCodes.inconclusive);
  if (options.stopped) codes.push(exitCodes.stopped);
  if (options.regression) codes.push(exitCodes.regression);
  const held = options.allowInconclusive ? codes.filter((code) => code !== exitCodes.inconclusive) : codes;
  const failed = by.fail.length > 0 || options.regression === true;
  const status = by.error.length > 0 ? 'error' : failed ? 'fail' : undecided ? 'inconclusive' : 'pass';
  return { status, exitCode: decidingExitCode(held), tests: by };
}
