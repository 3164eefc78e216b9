import type { ProbeInterval } from '../../analysis/index.js';
import { OperationTotals, type LoadReport } from '../../load/index.js';
import { gaugesOf } from '../../load/runner/load-series.js';

/**
 * What an open load did within its window, interval by interval, held against an objective.
 *
 * @param objectiveMs calls that took longer, or failed, are over it.
 */
export function probeIntervals(report: LoadReport, objectiveMs: number): ProbeInterval[] {
  return report.series
    .filter((point) => point.fromMs >= -1 && point.toMs <= report.windowMs + 2)
    .map((point) => {
      const all = new OperationTotals();
      for (const delta of point.operations) all.addDelta(delta);
      const { inFlight, waiting } = gaugesOf(point);
      return {
        offered: point.offered,
        ended: all.ok + all.failures,
        over: all.latency.histogram.countAbove(objectiveMs) + all.failures,
        backlog: inFlight + waiting,
      };
    });
}
