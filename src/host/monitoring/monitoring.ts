import { backgroundClock, usageError, type Clock } from '../../core/index.js';
import { shown } from '../shown.js';
import {
  AlertManager,
  SinkQueue,
  type Alert,
  type AlertRule,
  type AlertSink,
  type DeliveryOptions,
  type SinkReport,
} from './alerts/index.js';
import { defaultAlertRules } from './default-rules.js';
import {
  describeMcpMetrics,
  OperationHandle,
  recordOperation,
  recordSession,
  type McpOperation,
  type McpOperationKind,
  type McpSession,
} from './mcp-metrics.js';
import type { CounterHandle, DistributionHandle, GaugeHandle } from './handles.js';
import type { Labels, MetricDescription, MetricSnapshot, MetricType } from './metric.js';
import { MetricsCollector, type MetricsOptions } from './metrics-collector.js';
import { startOtlp, type OtlpExport, type OtlpOptions } from './otlp.js';
import { processMetrics } from './process-metrics.js';
import { prometheusText } from './prometheus.js';
import { registryMetrics, type ObservedRegistry } from './registry-metrics.js';

/** What {@link Monitoring} is made of. */
export interface MonitoringOptions extends MetricsOptions {
  /** Default {@link defaultAlertRules}. */
  rules?: readonly AlertRule[];
  /** Who is told of alerts; default nobody. */
  sinks?: readonly AlertSink[];
  delivery?: DeliveryOptions;
  /** How often the rules are looked at; default 10,000. */
  evaluateEveryMs?: number;
  /** Whether this process is measured too (memory, heap, event loop); default true. */
  process?: boolean;
}

/**
 * Metrics, alerts and exports of a host.
 *
 * @example
 * const monitoring = new Monitoring({ sinks: [logSink()] });
 * monitoring.recordMetric('jobs.done', 1, 'counter', { queue: 'mail' });
 * const calls = monitoring.histogram('call.duration', { tool: 'echo' }, { unit: 's' });
 * calls.record(0.012);
 * console.log(monitoring.prometheus());
 * await monitoring.close();
 */
export class Monitoring {
  readonly metrics: MetricsCollector;
  readonly alerts: AlertManager;
  readonly #clock: Clock;
  readonly #collectors = new Set<() => void>();
  readonly #queues: SinkQueue[];
  readonly #exports = new Set<OtlpExport>();
  readonly #evaluateEveryMs: number;
  #stopProcess: () => void = () => undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  /** @throws DynoError (104) for a wrong option or rule. */
  constructor(options: MonitoringOptions = {}) {
    this.#clock = options.clock ?? backgroundClock;
    this.#evaluateEveryMs = options.evaluateEveryMs ?? 10_000;
    if (!(this.#evaluateEveryMs >= 10)) {
      throw usageError(`Expected evaluateEveryMs to be at least 10, got ${shown(this.#evaluateEveryMs)}`);
    }
    this.metrics = new MetricsCollector(options);
    describeMcpMetrics(this.metrics);
    this.#describeOwn();
    this.#queues = (options.sinks ?? []).map(
      (sink) =>
        new SinkQueue(sink, this.#clock, options.delivery ?? {}, (name, result) => {
          this.metrics.recordMetric('dyno.alerts.notifications', 1, 'counter', { sink: name, result });
        }),
    );
    this.alerts = new AlertManager({
      source: this.metrics,
      clock: this.#clock,
      intervalMs: this.#evaluateEveryMs,
      notify: (notification) => {
        for (const queue of this.#queues) queue.push(notification);
      },
    });
    if (options.process !== false) {
      const { collect, stop } = processMetrics(this.metrics);
      this.#collectors.add(collect);
      this.#stopProcess = stop;
    }
    for (const rule of options.rules ?? defaultAlertRules) this.alerts.addRule(rule);
    this.#plan();
  }

  /** See {@link MetricsCollector.recordMetric}. */
  recordMetric(name: string, value: number, type?: MetricType, labels?: Labels): void {
    this.metrics.recordMetric(name, value, type, labels);
  }

  /** See {@link MetricsCollector.counter}; likewise the next three. */
  counter(name: string, labels?: Labels, description?: Omit<MetricDescription, 'type'>): CounterHandle {
    return this.metrics.counter(name, labels, description);
  }

  gauge(name: string, labels?: Labels, description?: Omit<MetricDescription, 'type'>): GaugeHandle {
    return this.metrics.gauge(name, labels, description);
  }

  histogram(
    name: string,
    labels?: Labels,
    description?: Omit<MetricDescription, 'type'>,
  ): DistributionHandle {
    return this.metrics.histogram(name, labels, description);
  }

  summary(name: string, labels?: Labels, description?: Omit<MetricDescription, 'type'>): DistributionHandle {
    return this.metrics.summary(name, labels, description);
  }

  /** One series, as of now. */
  getMetric(name: string, labels?: Labels): MetricSnapshot | undefined {
    return this.metrics.getMetric(name, labels);
  }

  /** All series of a metric, as of now. */
  getMetricsByName(name: string): MetricSnapshot[] {
    return this.metrics.getMetricsByName(name);
  }

  /** Records a finished MCP request in the histogram of the semantic conventions. */
  recordOperation(operation: McpOperation): void {
    recordOperation(this.metrics, operation);
  }

  /** A handle on requests of one kind, for the hot path: one per tool of a server, say. */
  operation(kind: McpOperationKind): OperationHandle {
    return new OperationHandle(this.metrics, kind);
  }

  /** Records an MCP session that has ended. */
  recordSession(session: McpSession): void {
    recordSession(this.metrics, session);
  }

  /** Calls back before each look at the rules and each export, to set gauges. The return value ends that. */
  collect(collector: () => void): () => void {
    this.#collectors.add(collector);
    return () => this.#collectors.delete(collector);
  }

  /** Measures a registry from now on. The return value ends that. */
  observeRegistry(registry: ObservedRegistry, name?: string): () => void {
    return this.collect(registryMetrics(this.metrics, registry, name));
  }

  /** Looks at every rule now; it is done every `evaluateEveryMs` anyway. Gives the alerts that are not resolved. */
  evaluate(): Alert[] {
    this.#collect();
    this.alerts.evaluate();
    return this.alerts.alerts();
  }

  /** How delivery to each sink goes. */
  sinkReports(): SinkReport[] {
    return this.#queues.map((queue) => queue.report);
  }

  /** All metrics in Prometheus's text format; see {@link prometheusText}. */
  prometheus(options?: { timestamps?: boolean }): string {
    this.#collect();
    return prometheusText(this.metrics.families(), options);
  }

  /** Begins to export by OTLP; see {@link startOtlp}. */
  async exportOtlp(options: OtlpOptions): Promise<OtlpExport> {
    const source = {
      families: () => {
        this.#collect();
        return this.metrics.families();
      },
    };
    const started = await startOtlp(source, options, this.#clock);
    this.#exports.add(started);
    return started;
  }

  /** Ends timers and exports, after a last export, and after what waits for sinks had its time. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel?.();
    await Promise.all([...this.#exports].map((one) => one.stop()));
    await Promise.all(this.#queues.map((queue) => queue.close()));
    this.#stopProcess();
    this.metrics.close();
  }

  #collect(): void {
    for (const collector of this.#collectors) {
      try {
        collector();
      } catch {
        this.metrics.recordMetric('dyno.monitoring.collector_failures', 1, 'counter');
      }
    }
    const { metrics, series, overflowed } = this.metrics.size;
    this.metrics.recordMetric('dyno.monitoring.metrics', metrics, 'gauge');
    this.metrics.recordMetric('dyno.monitoring.series', series, 'gauge');
    this.metrics.counter('dyno.monitoring.overflowed').observe(overflowed);
  }

  #plan(): void {
    this.#cancel = this.#clock.after(this.#evaluateEveryMs, () => {
      this.evaluate();
      if (!this.#closed) this.#plan();
    });
  }

  #describeOwn(): void {
    const describe = (name: string, type: MetricType, help: string) => {
      this.metrics.describe(name, { type, help });
    };
    describe('dyno.monitoring.metrics', 'gauge', 'Metrics that are kept.');
    describe('dyno.monitoring.series', 'gauge', 'Label sets that are kept.');
    describe(
      'dyno.monitoring.overflowed',
      'counter',
      'Records with a label set for which there was no room.',
    );
    describe('dyno.monitoring.collector_failures', 'counter', 'Collectors that threw an error.');
    describe('dyno.alerts.notifications', 'counter', 'Notifications of alerts, by sink and result.');
  }
}
