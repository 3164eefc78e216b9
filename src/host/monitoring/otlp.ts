import type { HrTime } from '@opentelemetry/api';
import type { DataPoint, MetricData, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { backgroundClock, messageOf, printableLine, usageError, type Clock } from '../../core/index.js';
import { shown } from '../shown.js';
import type { MetricFamily } from './metric-family.js';
import type { Distribution, Series } from './series.js';

/** What {@link startOtlp} takes. */
export interface OtlpOptions {
  /** The receiver, with its path, such as `http://127.0.0.1:4318/v1/metrics`. */
  url: string;
  /** Such as `authorization`. Never written anywhere. */
  headers?: Record<string, string>;
  /** Default 60,000. */
  intervalMs?: number;
  /** For one export, its retries included; default 10,000. */
  timeoutMs?: number;
  /** What describes this process, besides `service.name`. */
  resource?: Record<string, string>;
  /** Default `mcp-dyno`. */
  serviceName?: string;
}

/** A running export. */
export interface OtlpExport {
  /** Exports now. Resolves when it was received; rejects when it was not. */
  flush(): Promise<void>;
  /** Exports a last time, and ends. Does not fail. */
  stop(): Promise<void>;
  readonly report: { readonly exported: number; readonly failed: number; readonly lastError: string | null };
}

/** LabelMatch metrics come from. */
export interface OtlpSource {
  /** Brings every metric up to date, and gives all. */
  families(): Iterable<MetricFamily>;
}

/**
 * Sends metrics to an OpenTelemetry collector by OTLP over HTTP (JSON), again and again. OpenTelemetry is loaded by this
 * call, not before. Counters become sums, gauges gauges, histograms histograms, all cumulative; a summary becomes a
 * gauge with a label `quantile`, beside sums `….count` and `….sum`, since OTLP has summaries for legacy input only.
 *
 * @throws DynoError (104) for what is no http(s) URL.
 */
export async function startOtlp(
  source: OtlpSource,
  options: OtlpOptions,
  clock: Clock = backgroundClock,
): Promise<OtlpExport> {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError(`Expected the URL of an OTLP receiver to be http(s), got ${shown(options.url)}`);
  }
  const { timeoutMs = 10_000, intervalMs = 60_000 } = options;
  if (!(intervalMs >= 100)) {
    throw usageError(`Expected intervalMs of an OTLP export to be at least 100, got ${shown(intervalMs)}`);
  }
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-http');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const convert = await converter();
  const exporter: PushMetricExporter = new OTLPMetricExporter({
    url: url.href,
    timeoutMillis: timeoutMs,
    ...(options.headers && { headers: options.headers }),
  });
  const resource = resourceFromAttributes({
    'service.name': options.serviceName ?? 'mcp-dyno',
    ...options.resource,
  });
  const report: { exported: number; failed: number; lastError: string | null } = {
    exported: 0,
    failed: 0,
    lastError: null,
  };
  let busy: Promise<void> | undefined;
  let stopped = false;
  let cancel: () => void = () => undefined;

  const once = async () => {
    const metrics = [...source.families()].flatMap((family) => convert(family, hrTime(clock.wall())));
    const batch: ResourceMetrics = { resource, scopeMetrics: [{ scope: { name: 'mcp-dyno' }, metrics }] };
    await new Promise<void>((resolve, reject) => {
      exporter.export(batch, ({ code, error }) => {
        if (code === 0) resolve();
        else
          reject(
            new Error(`OTLP was not received by ${url.origin}: ${error ? messageOf(error) : 'no reason'}`),
          );
      });
    });
  };
  /** One export at a time: a slow receiver makes exports rarer, never more. */
  const flush = (): Promise<void> => {
    busy ??= once()
      .then(
        () => {
          report.exported++;
        },
        (error: unknown) => {
          report.failed++;
          report.lastError = printableLine(messageOf(error));
          throw error;
        },
      )
      .finally(() => {
        busy = undefined;
      });
    return busy;
  };
  const plan = () => {
    if (stopped) return;
    cancel = clock.after(intervalMs, () => {
      flush()
        .catch(() => undefined)
        .finally(plan);
    });
  };
  plan();
  return {
    flush,
    async stop() {
      if (stopped) return;
      stopped = true;
      cancel();
      await flush().catch(() => undefined);
      await exporter.shutdown().catch(() => undefined);
    },
    report,
  };
}

/** Our metrics as OpenTelemetry's SDK has them. Its enums are values, so they come with the lazy import. */
async function converter(): Promise<(family: MetricFamily, now: HrTime) => MetricData[]> {
  const { AggregationTemporality, DataPointType } = await import('@opentelemetry/sdk-metrics');
  const { ValueType } = await import('@opentelemetry/api');
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  const { DOUBLE: valueType } = ValueType;

  return (family, now) => {
    if (family.blank) return [];
    const point = <T>(series: Series, value: T, extra?: object): DataPoint<T> => ({
      startTime: hrTime(series.createdAt),
      endTime: now,
      attributes: { ...series.labels, ...extra },
      value,
    });
    const descriptor = { name: family.name, description: family.help, unit: family.unit, valueType };
    const spreads = () => [...family.all()] as Distribution[];
    switch (family.type) {
      case 'counter':
      case 'gauge': {
        const dataPoints = Array.from(family.all(), (series) => point(series, series.total));
        return family.type === 'gauge'
          ? [{ descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints }]
          : [
              {
                descriptor,
                aggregationTemporality,
                dataPointType: DataPointType.SUM,
                isMonotonic: true,
                dataPoints,
              },
            ];
      }
      case 'histogram': {
        const dataPoints = spreads().map((series) => {
          const min = series.statistic('min');
          const max = series.statistic('max');
          return point(series, {
            buckets: { boundaries: [...family.buckets], counts: series.counts() },
            sum: series.sum,
            count: series.total,
            ...(min !== null && max !== null && { min, max }),
          });
        });
        return [{ descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints }];
      }
      case 'summary': {
        const quantiles = spreads().flatMap((series) =>
          family.quantiles.flatMap((share) => {
            const value = series.quantile(share);
            return value === null ? [] : [point(series, value, { quantile: String(share) })];
          }),
        );
        const sum = (name: string, unit: string, value: (of: Distribution) => number): MetricData => ({
          descriptor: { ...descriptor, name: `${family.name}.${name}`, unit },
          aggregationTemporality,
          dataPointType: DataPointType.SUM,
          isMonotonic: name === 'count',
          dataPoints: spreads().map((series) => point(series, value(series))),
        });
        return [
          { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints: quantiles },
          sum('count', '1', (of) => of.total),
          sum('sum', family.unit, (of) => of.sum),
        ];
      }
    }
  };
}

function hrTime(wallMs: number): HrTime {
  const seconds = Math.floor(wallMs / 1000);
  return [seconds, Math.round((wallMs - seconds * 1000) * 1e6)];
}
