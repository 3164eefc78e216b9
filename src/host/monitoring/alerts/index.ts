/** Alerts: rules over metrics, their states, and who is told. */
export type { Alert, AlertState, AlertNotification, Silence } from './alert.js';
export { AlertManager, type AlertManagerOptions } from './alert-manager.js';
export {
  severities,
  type AlertRule,
  type MetricSelection,
  type Severity,
  type AlertSignal,
  type LabelMatch,
} from './rule.js';
export { commandSink, logSink, webhookSink } from './sinks.js';
export { SinkQueue, type AlertSink, type DeliveryOptions, type SinkReport } from './sink.js';
