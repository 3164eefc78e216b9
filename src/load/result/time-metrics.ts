import { percentileMetrics } from '../../analysis/percentile-metrics.js';
import type { Metrics } from '../../core/run-result.js';
import type { Summary } from '../recording/summary.js';

/** `NAME.{min,mean,p50,p90,p95,p99,p999,max}` of a summary, in ms: see {@link percentileMetrics}. */
export function timeMetrics(name: string, { count, histogram, minMs, meanMs, maxMs }: Summary): Metrics {
  const atRank = (rank: number) => histogram.atRank(rank);
  return percentileMetrics(name, { count, min: minMs, mean: meanMs ?? 0, max: maxMs, atRank });
}
