/** What a metric is: it only grows, it goes up and down, its values fall into buckets, or it has moving quantiles. */
export const metricTypes = ['counter', 'gauge', 'histogram', 'summary'] as const;

/** What a metric is. */
export type MetricType = (typeof metricTypes)[number];

/** What tells one series of a metric from another. Values are written as texts. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

/** The labels of a series as they are kept. */
export type SeriesLabels = Readonly<Record<string, string>>;

/** What may be said of a metric before (or after) its first record. */
export interface MetricDescription {
  type: MetricType;
  /** One sentence, for people. */
  help?: string | undefined;
  /** A UCUM code such as `s`, `By`, `1`; part of the name in Prometheus. */
  unit?: string | undefined;
  /** Upper bounds of a histogram's buckets, growing; default by unit: of the MCP conventions for `s`. */
  buckets?: readonly number[] | undefined;
  /** The quantiles of a summary in Prometheus and OTLP; default 0.5, 0.9, 0.95, 0.99. */
  quantiles?: readonly number[] | undefined;
}

/**
 * Percentiles of the values of the last minutes, within 0.8 % of a value that was recorded. Null where there are too
 * few: p95 needs 20 values, p99 100, p999 1,000.
 */
export interface Percentiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

interface SnapshotBase {
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly unit: string;
  readonly help: string;
  /** Milliseconds since the epoch; of the first record. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; of the last record, to the second. */
  readonly updatedAt: number;
}

/** One series, as of now. */
export type MetricSnapshot =
  | (SnapshotBase & { readonly type: 'counter' | 'gauge'; readonly value: number })
  | (SnapshotBase & {
      readonly type: 'histogram' | 'summary';
      /** Since the first record. */
      readonly count: number;
      readonly sum: number;
      readonly mean: number | null;
      /** Since the first record; null when there is none. */
      readonly min: number | null;
      readonly max: number | null;
      readonly percentiles: Percentiles;
      /** How many values the percentiles are made of. */
      readonly recent: number;
      /** Upper bound and how many values were at most that, since the first record; the last bound is Infinity. */
      readonly buckets: readonly (readonly [number, number])[];
      /** For a summary: the quantiles asked for, over the last minutes. */
      readonly quantiles: readonly (readonly [number, number | null])[];
    });

/** Buckets for durations in seconds (MCP semantic conventions of OpenTelemetry). */
export const secondsBuckets: readonly number[] = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];

/** Buckets for everything else (the default of the OpenTelemetry SDKs). */
export const defaultBuckets: readonly number[] = [
  0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000,
];

/** The quantiles of a summary that asks for none. */
export const defaultQuantiles: readonly number[] = [0.5, 0.9, 0.95, 0.99];

/** The labels of the series that takes what is over a bound (OpenTelemetry's cardinality limit). */
export const overflowLabels: SeriesLabels = Object.freeze({ 'otel.metric.overflow': 'true' });
