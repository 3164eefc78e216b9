import { batchMeansInterval } from '../../analysis/moments.js';
import { rateInterval } from '../../analysis/rate-interval.js';
import { failureClasses } from '../../core/outcome.js';
import type { Metric, Metrics } from '../../core/run-result.js';
import type { LoadReport } from '../runner/load-report.js';
import { OperationTotals } from '../runner/operation-totals.js';
import { askMetrics, operationAskMetrics } from './ask-metrics.js';
import { operationProgressMetrics, progressMetrics } from './progress-metrics.js';
import { streamMetrics } from './stream-metrics.js';
import { timeMetrics } from './time-metrics.js';
import { turnMetrics } from './turn-parts.js';

const count = (value: number): Metric => ({ value, unit: 'count' });

/** Every metric of a load, by the names of DESIGN ("RunResult"). */
export function loadMetrics(report: LoadReport): Metrics {
  const all = totalOf(report);
  const seconds = report.windowMs / 1000;
  const open = report.offered > 0;
  return {
    ...callMetrics(all),
    throughput: {
      value: seconds > 0 ? report.okInWindow / seconds : null,
      unit: 'ops/s',
      ci95: throughputInterval(report),
    },
    ...(open ? { offered_rate: { value: report.offered / seconds, unit: 'ops/s' } } : {}),
    dropped: count(report.dropped),
    ...timeMetrics('latency', all.latency),
    ...timeMetrics('service_time', all.service.count > 0 ? all.service : all.latency),
    ...timeMetrics('ttfb', all.ttfb),
    ...timeMetrics('queue_wait', report.queueWait),
    ...timeMetrics('schedule_lag', report.scheduleLag),
    ...turnMetrics(report),
    ...timeMetrics('connect', report.connect),
    ...timeMetrics('initialize', report.initialize),
    ...(report.reopened > 0 ? { 'sessions.reopened': count(report.reopened) } : {}),
    ...(report.streams === undefined ? {} : streamMetrics(report.streams)),
    ...(report.strays > 0 ? { 'answers.stray': count(report.strays) } : {}),
    ...progressMetrics(report.progress),
    ...askMetrics(report.asks, report.allCalls?.reduce((sum, calls) => sum + calls, 0) ?? 0),
  };
}

/** The metrics of one operation, the plan's with this index. */
export function operationMetrics(totals: OperationTotals, report: LoadReport, index: number): Metrics {
  const seconds = report.windowMs / 1000;
  return {
    ...callMetrics(totals),
    throughput: { value: seconds > 0 ? totals.okInWindow / seconds : null, unit: 'ops/s' },
    ...timeMetrics('latency', totals.latency),
    ...(totals.service.count > 0 ? timeMetrics('service_time', totals.service) : {}),
    ...timeMetrics('ttfb', totals.ttfb),
    ...operationProgressMetrics(report.progress?.operations.get(index)),
    ...operationAskMetrics(report.asks?.operations.get(index), report.allCalls?.[index] ?? 0),
  };
}

/** All operations of a load as one. */
export function totalOf(report: LoadReport): OperationTotals {
  const all = new OperationTotals();
  for (const totals of report.operations) all.add(totals);
  return all;
}

function callMetrics(totals: OperationTotals): Metrics {
  const failed = totals.failures;
  const calls = totals.ok + failed;
  const metrics: Metrics = {
    'calls.total': count(calls),
    'calls.ok': count(totals.ok),
    'calls.failed': count(failed),
    success_rate: {
      value: calls === 0 ? null : totals.ok / calls,
      unit: 'ratio',
      ci95: calls === 0 ? null : rateInterval(totals.ok, calls),
    },
  };
  for (const [index, name] of failureClasses.entries())
    metrics[`failures.${name}`] = count(totals.failed[index]!);
  return metrics;
}

/** Rates of neighbouring intervals are not independent: the interval is that of batch means. */
function throughputInterval(report: LoadReport): [number, number] | null {
  const whole = report.series.filter((point) => point.toMs <= report.windowMs + 2 && point.fromMs >= 0);
  // The last point may be a short one, whose rate says little.
  const width = Math.max(0, ...whole.map((point) => point.toMs - point.fromMs));
  const rates = whole
    .filter((point) => point.toMs - point.fromMs > width / 2)
    .map((point) => (okOf(point.operations) * 1000) / (point.toMs - point.fromMs));
  return batchMeansInterval(rates, { batches: 10 });
}

function okOf(operations: readonly { ok: number }[]): number {
  return operations.reduce((sum, operation) => sum + operation.ok, 0);
}
