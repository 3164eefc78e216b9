import type { Metrics, RunResult, TestResult } from '../../../core/index.js';
import { metricText } from '../../facts.js';
import { count, number, percent, quantity } from '../../terminal/numbers.js';
import { h, section, table, type Markup } from '../markup.js';
import { statusCell } from './thresholds.js';

const valueOf = (metrics: Metrics, name: string) => metrics[name]?.value ?? null;
const latencies = ['p50', 'p90', 'p99', 'p999', 'max'];

/** All tests in one table, with why each came out as it did. */
export function tests(run: RunResult): Markup {
  return section(
    'tests',
    'Tests',
    table(
      'Tests and their main figures',
      [
        { title: 'Result' },
        { title: 'Test' },
        { title: 'Calls', numeric: true },
        { title: 'OK', numeric: true },
        { title: 'Throughput', numeric: true },
        { title: 'p50 ms', numeric: true },
        { title: 'p99 ms', numeric: true },
        { title: 'Why' },
      ],
      run.tests.map(({ id, title, status, reason, metrics }) => [
        statusCell(status),
        h('span', { title }, id),
        count(valueOf(metrics, 'calls.total')),
        percent(valueOf(metrics, 'success_rate')),
        metrics['throughput'] ? quantity(metrics['throughput'].value, 'ops/s') : '',
        number(valueOf(metrics, 'latency.p50')),
        number(valueOf(metrics, 'latency.p99')),
        reason ?? '',
      ]),
    ),
  );
}

/** Failures by class and message, with failing exchanges. */
export function errors(run: RunResult): Markup {
  const rows = run.tests.flatMap((test) => test.failures.map((failure) => ({ test, failure })));
  if (rows.length === 0) return section('errors', 'Errors', h('p', {}, 'No call failed.'));
  rows.sort((a, b) => b.failure.count - a.failure.count);
  const shown = rows.slice(0, 200);
  const samples = run.tests.flatMap((test) => test.samples).slice(0, 60);
  return section(
    'errors',
    'Errors',
    table(
      'Failed calls by class and message',
      [
        { title: 'Class' },
        { title: 'Count', numeric: true },
        { title: 'First seen', numeric: true },
        { title: 'Last seen', numeric: true },
        { title: 'Test' },
        { title: 'Message' },
      ],
      shown.map(({ test, failure }) => [
        failure.class,
        count(failure.count),
        `${number(failure.firstAt / 1000)} s`,
        `${number(failure.lastAt / 1000)} s`,
        test.id,
        failure.message.slice(0, 2000),
      ]),
    ),
    rows.length > shown.length &&
      h('p', {}, `${rows.length - shown.length} more messages are in the raw JSON.`),
    samples.map((sample) =>
      h(
        'details',
        {},
        h('summary', {}, `${sample.class} sample: ${sample.operation}, at ${number(sample.at / 1000)} s`),
        h('p', {}, 'Sent'),
        h('pre', { tabindex: 0 }, sample.request),
        h('p', {}, 'Answered'),
        h('pre', { tabindex: 0 }, sample.response || 'nothing'),
      ),
    ),
  );
}

/** The operations of a test as a table; null without any. */
export function operations(test: TestResult): Markup | null {
  const entries = Object.entries(test.operations);
  if (entries.length === 0) return null;
  return table(
    `Operations of ${test.id}`,
    [
      { title: 'Operation' },
      { title: 'Calls', numeric: true },
      { title: 'Errors', numeric: true },
      { title: 'Calls/s', numeric: true },
      ...latencies.map((name) => ({ title: `${name === 'p999' ? 'p99.9' : name} ms`, numeric: true })),
    ],
    entries.map(([name, { metrics }]) => {
      const calls = valueOf(metrics, 'calls.total') ?? 0;
      return [
        name.replace(/^tools\/call /, ''),
        count(calls),
        calls === 0 ? '' : percent((valueOf(metrics, 'calls.failed') ?? 0) / calls),
        number(valueOf(metrics, 'throughput')),
        ...latencies.map((suffix) => number(valueOf(metrics, `latency.${suffix}`))),
      ];
    }),
  );
}

/** All metrics of a test with their intervals. */
export function metricTable(test: TestResult): Markup | null {
  const entries = Object.entries(test.metrics);
  if (entries.length === 0) return null;
  return table(
    `Metrics of ${test.id}`,
    [{ title: 'Metric' }, { title: 'Value (95 % interval)', numeric: true }],
    entries.map(([name, metric]) => [name, metricText(metric)]),
  );
}
