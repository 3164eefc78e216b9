import type { Metrics } from '../../core/run-result.js';

/**
 * The metrics of several loads together without their times and rates: those of one call and of five hundred in flight added
 * up say nothing, and a limit on latency that was meant for another test must not fall on them.
 */
export function countsOnly(metrics: Metrics | undefined): Metrics {
  const kept = Object.entries(metrics ?? {}).filter(([name]) =>
    /^(calls|failures|target|connect|initialize)\.|^success_rate$|^dropped$|^sessions\./.test(name),
  );
  return Object.fromEntries(kept);
}
