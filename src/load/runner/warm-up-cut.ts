import { findWarmUp } from '../../analysis/warm-up.js';
import type { LoadReport } from './load-report.js';
import { OperationTotals } from './operation-totals.js';
import type { SeriesPoint } from './load-series.js';
import { TurnTotals } from './turn-totals.js';

/**
 * A report without its warm-up as MSER-5 finds it in the mean latency over time (METHODS: a cut past half is rejected).
 * Calls before the cut are counted as warm-up; the waiting and lateness of the generator stay those of the whole load.
 */
export function withoutWarmUp(report: LoadReport): LoadReport {
  const inWindow = report.series.filter((point) => point.fromMs < report.windowMs - 2);
  const found = findWarmUp(inWindow.map(meanLatency));
  if (found.kind === 'not judged') return report;
  if (found.kind === 'no steady state') return { ...report, warmup: { ...report.warmup, steady: false } };
  const first = inWindow[found.cut];
  if (found.cut === 0 || first === undefined)
    return { ...report, warmup: { ...report.warmup, steady: true } };
  const before = totalsOf(inWindow.slice(0, found.cut), report.operations.length, report.windowMs);
  const after = totalsOf(
    report.series.filter((point) => point.fromMs >= first.fromMs),
    report.operations.length,
    report.windowMs,
  );
  const okBefore = sum(before.map((totals) => totals.ok));
  const failedBefore = sum(before.map((totals) => totals.failures));
  return {
    ...report,
    windowMs: report.windowMs - first.fromMs,
    operations: after,
    ...(report.turns === undefined ? {} : { turns: turnsFrom(report, first.fromMs) }),
    okInWindow: report.okInWindow - okBefore,
    warmup: { ms: first.fromMs, calls: okBefore + failedBefore, failed: failedBefore, steady: true },
  };
}

function totalsOf(points: readonly SeriesPoint[], operations: number, windowMs: number): OperationTotals[] {
  const totals = Array.from({ length: operations }, () => new OperationTotals());
  for (const point of points) {
    const inWindow = point.fromMs < windowMs - 2;
    for (const delta of point.operations) totals[delta.operation]!.addDelta(delta, inWindow);
  }
  return totals;
}

function turnsFrom(report: LoadReport, fromMs: number): TurnTotals {
  const totals = new TurnTotals();
  for (const point of report.series) {
    if (point.fromMs < fromMs || point.turns === undefined) continue;
    totals.addDelta(point.turns, point.fromMs < report.windowMs - 2);
  }
  return totals;
}

function meanLatency(point: SeriesPoint): number {
  const latencies = point.operations.flatMap((delta) => delta.latency ?? []);
  const count = sum(latencies.map((latency) => latency.count));
  return count === 0 ? 0 : sum(latencies.map((latency) => latency.sumMs)) / count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
