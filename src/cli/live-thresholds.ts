import { meets } from '../analysis/threshold.js';
import type { ThresholdSnapshot } from '../live/index.js';
import type { Summary } from '../load/index.js';
import type { Threshold } from '../plan/thresholds/index.js';

/** A load so far, all operations together. */
export interface LoadTotals {
  ok: number;
  failures: number;
  latency: Summary;
}

/** Fewer calls than this decide nothing about a percentile while a load is still going. */
const leastSamples: Record<string, number> = { p95: 20, p99: 100, p999: 1000 };

/** A whole test's metric as it stands; undefined for what is only known at the end, null for too few samples. */
function metricNow(name: string, totals: LoadTotals, elapsedMs: number): number | null | undefined {
  const calls = totals.ok + totals.failures;
  switch (name) {
    case 'success_rate':
      return calls === 0 ? null : totals.ok / calls;
    case 'throughput':
      return elapsedMs <= 0 ? null : (totals.ok / elapsedMs) * 1000;
    case 'calls.failed':
      return totals.failures;
  }
  const quantile = /^latency\.(p50|p90|p95|p99|p999|mean|max)$/.exec(name)?.[1];
  if (quantile === undefined) return undefined;
  const { latency } = totals;
  if (latency.count < (leastSamples[quantile] ?? 1)) return null;
  if (quantile === 'mean') return latency.meanMs;
  if (quantile === 'max') return latency.maxMs;
  return latency.histogram.quantile(Number(`0.${quantile.slice(1)}`));
}

/** Thresholds of a test as they stand; those on figures that are only known at the end are left out. */
export function liveThresholds(
  thresholds: readonly Threshold[],
  totals: LoadTotals,
  elapsedMs: number,
): ThresholdSnapshot[] {
  return thresholds.flatMap((threshold) => {
    if (threshold.operation !== undefined) return [];
    const value = metricNow(threshold.metric, totals, elapsedMs);
    if (value === undefined) return [];
    const status =
      value === null ? 'inconclusive' : meets(value, threshold.op, threshold.limit) ? 'pass' : 'fail';
    const unit = threshold.unit === '' ? '' : ` ${threshold.unit}`;
    return [{ name: `${threshold.metric} ${threshold.op} ${threshold.limit}${unit}`, status }];
  });
}

/** The first threshold that is to end the run and does not hold, once its delay is over. */
export function abortingThreshold(
  thresholds: readonly Threshold[],
  totals: LoadTotals,
  elapsedMs: number,
): Threshold | undefined {
  return thresholds.find((threshold) => {
    if (!threshold.abortOnFail || elapsedMs < threshold.abortOnFail.delayMs) return false;
    const [judged] = liveThresholds([threshold], totals, elapsedMs);
    return judged?.status === 'fail';
  });
}
