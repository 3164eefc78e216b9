import { printableLine, type RunResult, type TestResult, type ThresholdResult } from '../core/index.js';
import { changeWithInterval } from '../report/facts.js';
import { limitOf, observedOf, subjectOf } from '../report/terminal/threshold-text.js';

/** One reason to tell somebody: the same reason has the same key in every run. */
export interface Cause {
  key: string;
  kind: 'failure' | 'regression' | 'unreachable';
  /** The test it was found by; absent for what is no test's. */
  test?: string;
  /** What is wrong, with its numbers, in one line. */
  sentence: string;
}

/**
 * Why a run failed: each threshold that did not hold, each test that failed for a reason of its own, each metric that got
 * worse. Empty for a run that passed, is undecided, or was stopped.
 */
export function causesOf(run: RunResult): Cause[] {
  return [...run.tests.flatMap(testCauses), ...regressions(run)];
}

/** The cause of a target that could not be reached at all. */
export function unreachableCause(message: string): Cause {
  return { key: 'unreachable', kind: 'unreachable', sentence: printableLine(message, 500) };
}

/** True where a run shows that an earlier cause holds no more: its test was judged again, and it is not among the new. */
export function isOver(cause: Pick<Cause, 'key' | 'kind' | 'test'>, run: RunResult): boolean {
  if (causesOf(run).some(({ key }) => key === cause.key)) return false;
  switch (cause.kind) {
    case 'unreachable':
      return run.tests.length > 0;
    case 'failure': {
      const test = run.tests.find(({ id }) => id === cause.test);
      if (test === undefined) return false;
      const limit = test.thresholds.find((one) => thresholdKey(test.id, one) === cause.key);
      if (cause.key.startsWith('threshold|')) return limit?.status === 'pass';
      return test.status === 'pass' || test.status === 'fail';
    }
    case 'regression':
      return (run.comparison?.metrics ?? []).some(
        (one) =>
          regressionKey(run.comparison!.base, one) === cause.key &&
          (one.verdict === 'equivalent' || one.verdict === 'improvement'),
      );
  }
}

function testCauses(test: TestResult): Cause[] {
  if (test.status !== 'fail' && test.status !== 'error') return [];
  const broken = test.thresholds.filter((one) => one.status === 'fail');
  const causes = broken.map((one): Cause => ({
    key: thresholdKey(test.id, one),
    kind: 'failure',
    test: test.id,
    sentence: printableLine(`${test.id}: ${subjectOf(one)} ${observedOf(one)}, ${limitOf(one)}`, 500),
  }));
  if (broken.length > 0 && test.status === 'fail') return causes;
  const reason = test.reason ?? test.status;
  return [
    ...causes,
    {
      // Numbers in a reason differ from run to run; the reason is the same.
      key: ['test', test.id, test.status, reason.replace(/[\d.,]+/g, '#').slice(0, 300)].join('|'),
      kind: 'failure',
      test: test.id,
      sentence: printableLine(`${test.id}: ${reason}`, 500),
    },
  ];
}

function regressions({ comparison }: RunResult): Cause[] {
  if (comparison === undefined) return [];
  return comparison.metrics
    .filter((one) => one.verdict === 'regression')
    .map((one) => ({
      key: regressionKey(comparison.base, one),
      kind: 'regression' as const,
      ...(one.test === undefined ? {} : { test: one.test }),
      sentence: printableLine(
        `${one.test === undefined ? '' : `${one.test}: `}${one.metric} ${changeWithInterval(one.ratio, one.ci95)} against ${comparison.base}`,
        500,
      ),
    }));
}

function thresholdKey(test: string, { metric, operation = '', op }: ThresholdResult): string {
  return ['threshold', test, metric, operation, op.startsWith('<') ? 'above' : 'below'].join('|');
}

function regressionKey(base: string, { test = '', metric }: { test?: string; metric: string }): string {
  return ['regression', base, test, metric].join('|');
}
