import { Summary, timeMetrics } from '../load/index.js';
import type { Metrics } from '../core/run-result.js';

/** `NAME.{min,mean,p50,…}` of durations that were taken one by one, ms. */
export function timesAsMetrics(name: string, durations: readonly number[]): Metrics {
  const summary = new Summary();
  for (const ms of durations) {
    summary.histogram.record(ms);
    summary.sumMs += ms;
    summary.minMs = Math.min(summary.minMs, ms);
    summary.maxMs = Math.max(summary.maxMs, ms);
  }
  return timeMetrics(name, summary);
}
