import { printableLine, type Metrics, type TestResult } from '../../core/index.js';
import { count, number, percent } from './numbers.js';
import { table, type Column } from './table.js';

const columns: readonly Column[] = [
  { title: 'operation', side: 'left', max: 40 },
  { title: 'n', side: 'right' },
  { title: 'err', side: 'right' },
  { title: 'calls/s', side: 'right' },
  { title: 'p50', side: 'right' },
  { title: 'p90', side: 'right' },
  { title: 'p99', side: 'right' },
  { title: 'p99.9', side: 'right' },
  { title: 'max ms', side: 'right' },
];

const mostRows = 10;

/** A table of a test's operations, busiest first; percentiles with too few samples are blank. */
export function operationLines(test: TestResult, width: number, all: boolean): string[] {
  const entries = Object.entries(test.operations).sort(
    (a, b) => callsOf(b[1].metrics) - callsOf(a[1].metrics),
  );
  if (entries.length === 0) return [];
  const shown = all ? entries : entries.slice(0, mostRows);
  const rows = shown.map(([name, { metrics }]) => row(name.replace(/^tools\/call /, ''), metrics));
  if (entries.length > 1 && callsOf(test.metrics) > 0) rows.push(row('all', test.metrics));
  const lines = table(columns, rows, width);
  if (shown.length < entries.length) lines.push(`… ${entries.length - shown.length} more operations`);
  return lines;
}

function callsOf(metrics: Metrics): number {
  return metrics['calls.total']?.value ?? 0;
}

function row(name: string, metrics: Metrics): string[] {
  const value = (key: string) => metrics[key]?.value ?? null;
  const calls = callsOf(metrics);
  const failed = value('calls.failed') ?? 0;
  return [
    printableLine(name, 80),
    count(calls),
    calls === 0 ? '' : percent(failed / calls),
    number(value('throughput')),
    ...['p50', 'p90', 'p99', 'p999', 'max'].map((suffix) => number(value(`latency.${suffix}`))),
  ];
}
