import { didYouMean, usageError } from '../core/index.js';
import { parseThreshold, performanceVariables, type Threshold } from '../plan/thresholds/index.js';
import type { SuiteTest } from '../suite/index.js';

/**
 * Refuses thresholds of the user's on tests that do not exist.
 *
 * @throws DynoError (104) with the nearest test.
 */
export async function checkThresholdTests(thresholds: readonly Threshold[]): Promise<void> {
  const ours = new Set(performanceVariables.map((variable) => variable.name));
  const named = thresholds.filter(
    ({ test, name }) => test !== undefined && test !== 'load' && !ours.has(name),
  );
  if (named.length === 0) return;
  const { suiteTests } = await import('../suite/catalogue.js');
  const known = ['load', ...suiteTests.map((test) => test.id)];
  for (const { test, name } of named) {
    if (test === undefined || known.includes(test)) continue;
    throw usageError(
      `Expected the threshold '${name}' to name a test of the suite, got '${test}'`,
      didYouMean(test, known) ?? 'See dyno test --list.',
    );
  }
}

/**
 * Refuses thresholds typed for this run on tests that it does not run: nothing would judge them. The config file and the
 * environment may serve other runs as well.
 *
 * @throws DynoError (104) that says how to run the test.
 */
export function checkFlagTests(flags: readonly string[], chosen: readonly Pick<SuiteTest, 'id'>[]): void {
  for (const text of flags) {
    const { test, name } = parseThreshold(text, '--threshold');
    if (test === undefined || chosen.some(({ id }) => id === test)) continue;
    throw usageError(
      `The threshold '${name}' would not be judged: ${test} is not among the tests of this run`,
      `Add --only ${test}, or leave the threshold out.`,
    );
  }
}
