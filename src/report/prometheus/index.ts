/** A run as Prometheus text, and the small model of metrics that live telemetry shares with it. */
export type { BucketPoint, ExportedMetric, SeriesLabels, ValuePoint } from './metric.js';
export { runMetrics, runPrometheus } from './run-metrics.js';
export { prometheusContentType, prometheusName, prometheusText } from './text.js';
