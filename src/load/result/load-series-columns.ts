import type { TestResult } from '../../core/run-result.js';
import { gaugesOf, type SeriesPoint } from '../runner/load-series.js';
import { OperationTotals } from '../runner/operation-totals.js';

/** A load over time, as the columns of a RunResult: `t` in seconds (the end of each interval), rates in ops/s, times in ms. */
export function seriesColumns(points: readonly SeriesPoint[], open: boolean): TestResult['series'] {
  const series: TestResult['series'] = {
    t: [],
    throughput: [],
    failures: [],
    in_flight: [],
    'latency.p50': [],
    'latency.p90': [],
    'latency.p99': [],
    'latency.max': [],
    ...(open ? { offered_rate: [], waiting: [] } : {}),
  };
  for (const point of points) {
    const totals = new OperationTotals();
    for (const delta of point.operations) totals.addDelta(delta);
    const seconds = (point.toMs - point.fromMs) / 1000;
    const { histogram, maxMs, count } = totals.latency;
    const { inFlight, waiting } = gaugesOf(point);
    const row: Record<string, number | null> = {
      t: point.toMs / 1000,
      throughput: totals.ok / seconds,
      failures: totals.failures,
      in_flight: inFlight,
      'latency.p50': histogram.quantile(0.5),
      'latency.p90': histogram.quantile(0.9),
      'latency.p99': count >= 100 ? histogram.quantile(0.99) : null,
      'latency.max': count > 0 ? maxMs : null,
      offered_rate: point.offered / seconds,
      waiting: waiting,
    };
    for (const [column, values] of Object.entries(series))
      values.push(rounded(row[column] ?? null) as number);
  }
  return series;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
