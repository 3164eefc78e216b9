import { Histogram } from '../../core/histogram/index.js';
import type { Heatmap } from '../../core/run-result.js';
import type { SeriesPoint } from '../runner/load-series.js';
import { OperationTotals } from '../runner/operation-totals.js';

const mostColumns = 150;
const mostBands = 36;
/** Bands end here: a few calls far above all others must not press the rest into one row. */
const highestQuantile = 0.9995;

interface Column {
  toS: number;
  latency: Histogram;
  failures: number;
}

/**
 * A load's latencies over time in at most 150 intervals and 36 bands, equally wide on a logarithmic scale, from the
 * smallest latency to the 99.95th percentile; what is longer is overflow. Undefined without at least two intervals.
 */
export function loadHeatmap(points: readonly SeriesPoint[]): Heatmap | undefined {
  const columns = joinedColumns(points);
  const all = new Histogram();
  for (const { latency } of columns) all.add(latency);
  const lowest = all.quantile(0);
  const highest = all.quantile(highestQuantile);
  if (columns.length < 2 || lowest === null || highest === null) return undefined;
  const edges = bandEdges(Math.max(lowest, 0.001), Math.max(highest, 0.001));
  const heatmap: Heatmap = { t: [], edges, counts: [], overflow: [], failures: [] };
  for (const { toS, latency, failures } of columns) {
    const counts = edges.map(() => 0);
    let overflow = 0;
    let band = 0;
    for (const bucket of latency.buckets()) {
      while (band < edges.length && bucket.ms > edges[band]!) band++;
      if (band === edges.length) overflow += bucket.count;
      else counts[band]! += bucket.count;
    }
    heatmap.t.push(toS);
    heatmap.counts.push(counts);
    heatmap.overflow.push(overflow);
    heatmap.failures.push(failures);
  }
  return heatmap;
}

function joinedColumns(points: readonly SeriesPoint[]): Column[] {
  const each = Math.max(1, Math.ceil(points.length / mostColumns));
  const columns: Column[] = [];
  for (let from = 0; from < points.length; from += each) {
    const some = points.slice(from, from + each);
    const totals = new OperationTotals();
    for (const point of some) for (const delta of point.operations) totals.addDelta(delta);
    columns.push({
      toS: Math.round(some.at(-1)!.toMs) / 1000,
      latency: totals.latency.histogram,
      failures: totals.failures,
    });
  }
  return columns;
}

/** Upper edges that rise by one factor, no finer than the histogram's own buckets can tell apart. */
function bandEdges(lowest: number, highest: number): number[] {
  const span = Math.log(highest / lowest);
  const bands = Math.max(1, Math.min(mostBands, Math.ceil(span / Math.log(1.02))));
  return Array.from({ length: bands }, (_, i) =>
    i === bands - 1 ? highest : Number((lowest * Math.exp((span * (i + 1)) / bands)).toPrecision(6)),
  );
}
