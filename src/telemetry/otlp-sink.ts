import type { HrTime } from '@opentelemetry/api';
import type { DataPoint, MetricData, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { messageOf, type Clock } from '../core/index.js';
import type { ExportedMetric } from '../report/prometheus/index.js';
import type { TelemetrySink } from './sink.js';

/** What an OTLP export is made of. */
export interface OtlpSinkOptions {
  /** With its path, such as `http://127.0.0.1:4318/v1/metrics`. */
  url: string;
  /** For one export, its retries included. */
  timeoutMs: number;
  /** What describes this run, besides `service.name`. */
  resource: Readonly<Record<string, string>>;
  clock: Clock;
}

/**
 * Sends metrics to an OpenTelemetry collector by OTLP over HTTP (JSON), cumulative. OpenTelemetry is loaded by this call,
 * not before; it reads `OTEL_EXPORTER_OTLP_HEADERS` for credentials, and retries what may be retried within the time.
 */
export async function otlpSink({ url, timeoutMs, resource, clock }: OtlpSinkOptions): Promise<TelemetrySink> {
  const [
    { OTLPMetricExporter },
    { resourceFromAttributes },
    { AggregationTemporality, DataPointType },
    { ValueType },
  ] = await Promise.all([
    import('@opentelemetry/exporter-metrics-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/api'),
  ]);
  const exporter: PushMetricExporter = new OTLPMetricExporter({ url, timeoutMillis: timeoutMs });
  const described = resourceFromAttributes({ 'service.name': 'mcp-dyno', ...resource });
  const startTime = hrTime(clock.wall());
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;

  const converted = (metric: ExportedMetric): MetricData => {
    const { name, help, unit } = metric;
    const descriptor = { name, description: help, unit, valueType: ValueType.DOUBLE };
    const endTime = hrTime(clock.wall());
    const point = <T>(labels: Readonly<Record<string, string>>, value: T): DataPoint<T> => ({
      startTime,
      endTime,
      attributes: labels,
      value,
    });
    switch (metric.kind) {
      case 'histogram':
        return {
          descriptor,
          aggregationTemporality,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: metric.points.map(({ labels, counts, count, sum }) =>
            point(labels, { buckets: { boundaries: [...metric.bounds], counts: [...counts] }, count, sum }),
          ),
        };
      case 'counter':
        return {
          descriptor,
          aggregationTemporality,
          dataPointType: DataPointType.SUM,
          isMonotonic: true,
          dataPoints: metric.points.map(({ labels, value }) => point(labels, value)),
        };
      case 'gauge':
        return {
          descriptor,
          aggregationTemporality,
          dataPointType: DataPointType.GAUGE,
          dataPoints: metric.points.map(({ labels, value }) => point(labels, value)),
        };
    }
  };

  return {
    format: 'otlp',
    place: url,
    async write(metrics) {
      const batch: ResourceMetrics = {
        resource: described,
        scopeMetrics: [{ scope: { name: 'mcp-dyno' }, metrics: metrics.map(converted) }],
      };
      await new Promise<void>((resolve, reject) => {
        exporter.export(batch, ({ code, error }) => {
          if (code === 0) resolve();
          else reject(new Error(error ? messageOf(error) : 'no reason was given'));
        });
      });
    },
    async close() {
      await exporter.shutdown();
    },
  };
}

function hrTime(wallMs: number): HrTime {
  const seconds = Math.floor(wallMs / 1000);
  return [seconds, Math.round((wallMs - seconds * 1000) * 1e6)];
}
