/** What is known of a run, for other systems, while it goes on and at its end: OTLP and Prometheus. */
export { LiveMetrics } from './live-metrics.js';
export { isAddress } from './prometheus-sinks.js';
export { Telemetry, type TelemetryOptions } from './telemetry.js';
