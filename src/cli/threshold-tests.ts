import { didYouMean, usageError } from '../core/index.js';
import type { Threshold } from '../plan/thresholds/index.js';
import { performanceVariables } from '../plan/thresholds/index.js';
import { suiteTests } from '../suite/index.js';

/**
 * Refuses thresholds of the user's on tests that do not exist.
 *
 * @throws DynoError (104) with the nearest test.
 */
export function checkThresholdTests(thresholds: readonly Threshold[]): void {
  const known = ['load', ...suiteTests.map((test) => test.id)];
  const ours = new Set(performanceVariables.map((variable) => variable.name));
  for (const { test, name } of thresholds) {
    if (test === undefined || known.includes(test) || ours.has(name)) continue;
    throw usageError(
      `Expected the threshold '${name}' to name a test of the suite, got '${test}'`,
      didYouMean(test, known) ?? 'See dyno test --list.',
    );
  }
}
