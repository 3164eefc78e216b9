import type { Metrics } from '../core/run-result.js';
import { percentileBy } from './quantiles.js';

const percentiles = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

/** Times of one kind, in ms, however they are kept. */
export interface SortedTimes {
  count: number;
  min: number;
  mean: number;
  max: number;
  /** The value of a rank, from 1 (the shortest) to the count. */
  atRank: (rank: number) => number;
}

/**
 * `NAME.{min,mean,p50,p90,p95,p99,p999,max}` in ms. p95 needs 20 samples, p99 100, p99.9 1,000, else the value is null;
 * intervals are null below 72, 368 and 3,688. Nothing at all where there are no times.
 */
export function percentileMetrics(name: string, { count, min, mean, max, atRank }: SortedTimes): Metrics {
  if (count === 0) return {};
  const ms = (value: number) => ({ value: rounded(value), unit: 'ms' });
  const metrics: Metrics = { [`${name}.min`]: ms(min), [`${name}.mean`]: ms(mean) };
  for (const [suffix, q] of percentiles) {
    const { value, ci95 } = percentileBy(count, q, (rank) => rounded(atRank(rank)));
    metrics[`${name}.${suffix}`] = { value, unit: 'ms', ci95 };
  }
  metrics[`${name}.max`] = ms(max);
  return metrics;
}

/** Times are kept to the nanosecond: what lies below is the floating point's. */
function rounded(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
