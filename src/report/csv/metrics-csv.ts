import type { Metrics, RunResult } from '../../core/index.js';
import { csv } from './cell.js';

const head = ['run', 'test', 'status', 'operation', 'metric', 'value', 'unit', 'ci95_low', 'ci95_high'];

/** Every metric of every test, one a row; `operation` is empty for the whole test. Values are in full precision. */
export function metricsCsv(run: RunResult): string {
  return csv(metricRows(run));
}

function* metricRows(run: RunResult): Generator<(string | number | null | undefined)[]> {
  yield head;
  for (const test of run.tests) {
    const rows = (operation: string, metrics: Metrics) =>
      Object.entries(metrics).map(([name, { value, unit, ci95 }]) => [
        run.id,
        test.id,
        test.status,
        operation,
        name,
        value,
        unit,
        ci95?.[0],
        ci95?.[1],
      ]);
    yield* rows('', test.metrics);
    for (const [operation, { metrics }] of Object.entries(test.operations)) yield* rows(operation, metrics);
  }
}
