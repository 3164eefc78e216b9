import { percentileBy } from '../../analysis/index.js';
import type { Metrics } from '../../core/run-result.js';
import type { Summary } from '../recording/summary.js';

const percentiles = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

/**
 * `NAME.{min,mean,p50,p90,p95,p99,p999,max}` in ms. p95 needs 20 samples, p99 100, p99.9 1,000, else the value is null;
 * intervals are null below 72, 368 and 3,688. Nothing at all for an empty summary.
 */
export function timeMetrics(name: string, summary: Summary): Metrics {
  const { count, histogram } = summary;
  if (count === 0) return {};
  const metrics: Metrics = {
    [`${name}.min`]: { value: round(summary.minMs), unit: 'ms' },
    [`${name}.mean`]: { value: round(summary.meanMs!), unit: 'ms' },
  };
  for (const [suffix, q] of percentiles) {
    const { value, ci95 } = percentileBy(count, q, (rank) => histogram.atRank(rank));
    metrics[`${name}.${suffix}`] = { value, unit: 'ms', ci95 };
  }
  metrics[`${name}.max`] = { value: round(summary.maxMs), unit: 'ms' };
  return metrics;
}

/** Times are kept to the nanosecond: what lies below is the floating point's. */
function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
