import type { TestResult } from '../core/run-result.js';
import type { Threshold } from '../plan/thresholds/index.js';

/**
 * The user's own thresholds that no test of the run judged, a sentence for each. The suite's defaults (PERF_*) are for
 * tests that may not have been chosen; a test that did not run says so itself.
 */
export function unjudged(thresholds: readonly Threshold[], results: readonly TestResult[]): string[] {
  const ran = results.filter(({ status }) => status !== 'skipped' && status !== 'error');
  if (ran.length === 0) return [];
  const judged = new Set(ran.flatMap((result) => result.thresholds.map(({ name }) => name)));
  return thresholds.flatMap(({ name, test, metric, operation }) => {
    if (name.startsWith('PERF_') || judged.has(name)) return [];
    if (test !== undefined && !ran.some(({ id }) => id === test)) return [];
    const of = operation === undefined ? '' : ` of ${operation}`;
    const where = test ?? (ran.length === 1 ? ran[0]!.id : 'no test of this run');
    const measures = where.startsWith('no test') ? `${where} measures` : `${where} does not measure`;
    return [`The threshold '${name}' was not judged: ${measures} ${metric}${of}.`];
  });
}
