import type { RunResult } from '../../core/index.js';
import { csv } from './cell.js';

/**
 * The time series of all tests, one interval a row: run, test, `t` in seconds from the start of the test, then every
 * column that any test has; empty where there is no value.
 */
export function seriesCsv(run: RunResult): string {
  const columns = [...new Set(run.tests.flatMap((test) => Object.keys(test.series)))].filter(
    (column) => column !== 't',
  );
  const rows = run.tests.flatMap((test) =>
    test.series.t.map((t, i) => [run.id, test.id, t, ...columns.map((column) => test.series[column]?.[i])]),
  );
  return csv([['run', 'test', 't', ...columns], ...rows]);
}
