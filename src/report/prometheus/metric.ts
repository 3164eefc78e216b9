/** What tells one series of a metric from another. */
export type SeriesLabels = Readonly<Record<string, string>>;

/** One value, now. */
export interface ValuePoint {
  labels: SeriesLabels;
  value: number;
}

/** Durations by bucket since the start. */
export interface BucketPoint {
  labels: SeriesLabels;
  /** How many fell into each bucket (not cumulated); one more than there are bounds. */
  counts: readonly number[];
  count: number;
  sum: number;
}

/** A metric for other systems to read, with OpenTelemetry's name (`mcp.client.operation.duration`) and a UCUM unit. */
export type ExportedMetric = { name: string; help: string; unit: string } & (
  | { kind: 'counter' | 'gauge'; points: readonly ValuePoint[] }
  | { kind: 'histogram'; bounds: readonly number[]; points: readonly BucketPoint[] }
);
