/**
 * Monitoring of a host: metrics in bounded memory, alerts, and exports to Prometheus and OpenTelemetry.
 */
export {
  AlertManager,
  commandSink,
  logSink,
  severities,
  webhookSink,
  type Alert,
  type AlertManagerOptions,
  type AlertRule,
  type AlertSink,
  type AlertState,
  type DeliveryOptions,
  type AlertNotification,
  type MetricSelection,
  type Severity,
  type AlertSignal,
  type Silence,
  type SinkReport,
  type LabelMatch,
} from './alerts/index.js';
export { defaultAlertRules } from './default-rules.js';
export type { CounterHandle, DistributionHandle, GaugeHandle } from './handles.js';
export {
  serverLabel,
  type McpOperation,
  type McpOperationKind,
  type McpSession,
  type OperationHandle,
} from './mcp-metrics.js';
export {
  metricTypes,
  overflowLabels,
  secondsBuckets,
  type Labels as MetricLabels,
  type MetricDescription,
  type MetricSnapshot,
  type MetricType,
  type Percentiles,
  type SeriesLabels,
} from './metric.js';
export { MetricsCollector, type MetricsOptions } from './metrics-collector.js';
export { Monitoring, type MonitoringOptions } from './monitoring.js';
export type { OtlpExport, OtlpOptions } from './otlp.js';
export { prometheusContentType } from './prometheus.js';
export type { ObservedRegistry } from './registry-metrics.js';
export type { Statistic } from './series.js';
