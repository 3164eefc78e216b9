import {
  printable,
  printableLine,
  type Metrics,
  type TestResult,
  type ThresholdResult,
} from '../../core/index.js';
import { displayWidth, fit, left, wrap } from './display-width.js';
import { number, percent, quantity } from './numbers.js';
import { markOf, type Paint } from './paint.js';
import { limitOf, marginOf, observedOf, subjectOf } from './threshold-text.js';

/** The widest that the column of test ids gets. */
const mostIdWidth = 22;

/** How wide the column of test ids is for these tests. */
export function idWidthOf(tests: readonly TestResult[]): number {
  return Math.min(mostIdWidth, Math.max(0, ...tests.map((test) => displayWidth(printableLine(test.id, 60)))));
}

/** A test with its mark: what failed with value, limit and margin, else its most telling figures. */
export function testLines(test: TestResult, paint: Paint, width: number, idWidth: number): string[] {
  const { mark, tone } = markOf(test.status);
  const head = `${mark} ${left(printableLine(test.id, 60), idWidth)}  `;
  const room = width - idWidth - 4;
  const [first = '', ...rest] = bodyOf(test, room);
  return [`${paint(tone, head)}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(idWidth + 4) + line)];
}

function bodyOf(test: TestResult, room: number): string[] {
  const missed = test.thresholds.filter((threshold) => threshold.status !== 'pass');
  const reason = wrap(printableLine(test.reason ?? '', 300), room);
  switch (test.status) {
    case 'pass':
      // What a test found says more than its figures.
      return test.reason === undefined ? [fit(passLine(test, room), room)] : reason;
    case 'skipped':
      return wrap(`skipped: ${printableLine(test.reason ?? 'no reason given', 300)}`, room);
    case 'fail':
    case 'inconclusive':
      // The reason of a missed threshold repeats its numbers.
      return missed.length > 0 ? missed.flatMap((threshold) => missedLines(threshold, room)) : reason;
    case 'error':
      return reason;
  }
}

/** `latency.p95 243 ms   limit < 200 ms   22 % over   PERF_P95_LATENCY_MS`, in as many lines as it takes. */
function missedLines(threshold: ThresholdResult, room: number): string[] {
  const unsure = threshold.status === 'inconclusive' ? `${markOf(threshold.status).mark} ` : '';
  const parts = [
    `${unsure}${subjectOf(threshold)} ${observedOf(threshold)}`,
    limitOf(threshold),
    marginOf(threshold),
  ];
  if (threshold.name.startsWith('PERF_')) parts.push(threshold.name);
  const lines: string[] = [];
  for (const part of parts.map(printable).filter((one) => one !== '')) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : `${last}   ${part}`;
    if (last !== undefined && displayWidth(joined) > room) lines.push(`  ${part}`);
    else lines[Math.max(0, lines.length - 1)] = joined;
  }
  return lines.map((line) => fit(line, room));
}

/** The judged values beside their limits: `mean 0.9  p95 1.3  p99 2.2 ms   limits 100 / 200 / 500`. */
function passLine({ thresholds, metrics }: TestResult, room: number): string {
  const whole = thresholds.filter((threshold) => threshold.operation === undefined);
  const latencies = whole.filter((threshold) => /^latency\./.test(threshold.metric));
  if (latencies.length > 1) {
    const values = latencies.map(
      ({ metric, observed }) => `${metric.replace('latency.', '')} ${number(observed)}`,
    );
    return `${values.join('  ')} ms  limits ${latencies.map(({ limit }) => number(limit)).join(' / ')}`;
  }
  const [only] = whole;
  const figures = figuresOf(metrics);
  if (!only) return figures;
  const limit = `${subjectOf(only)} ${observedOf(only)}   ${limitOf(only)}`;
  const more = whole.length > 1 ? ` and ${whole.length - 1} more` : '';
  return displayWidth(limit) + displayWidth(figures) + 16 > room
    ? limit + more
    : `${limit}${more}   ${figures}`;
}

/** What most tests can say of themselves. */
function figuresOf(metrics: Metrics): string {
  const parts: string[] = [];
  const throughput = metrics['throughput']?.value;
  if (throughput !== undefined && throughput !== null) parts.push(quantity(throughput, 'ops/s'));
  const success = metrics['success_rate']?.value;
  if (success !== undefined && success !== null) parts.push(`${percent(success)} ok`);
  const p95 = metrics['latency.p95']?.value ?? metrics['latency.p50']?.value;
  if (p95 !== undefined && p95 !== null) {
    parts.push(`${metrics['latency.p95']?.value == null ? 'p50' : 'p95'} ${number(p95)} ms`);
  }
  return parts.join('   ');
}
