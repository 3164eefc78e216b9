import { printable } from '../../core/index.js';
import type { BucketPoint, ExportedMetric, SeriesLabels } from './metric.js';

/** The content type of {@link prometheusText}. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Names of units at the end of a metric's name, as Prometheus wants them. */
const unitSuffixes: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
  MBy: 'megabytes',
  '%': 'percent',
};

/**
 * Metrics in Prometheus's text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
 */
export function prometheusText(metrics: Iterable<ExportedMetric>): string {
  const lines: string[] = [];
  for (const metric of metrics) {
    if (metric.points.length === 0) continue;
    const name = prometheusName(metric);
    lines.push(`# HELP ${name} ${escapeHelp(metric.help)}`, `# TYPE ${name} ${metric.kind}`);
    if (metric.kind === 'histogram') {
      for (const point of metric.points) lines.push(...bucketLines(name, metric.bounds, point));
    } else {
      for (const { labels, value } of metric.points)
        lines.push(`${name}${labelText(labels)} ${number(value)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** `mcp.client.operation.duration` in `s` as `mcp_client_operation_duration_seconds`. */
export function prometheusName({ name, unit, kind }: ExportedMetric): string {
  let plain = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
  const suffix = unitSuffixes[unit];
  if (suffix !== undefined && !plain.endsWith(`_${suffix}`)) plain += `_${suffix}`;
  return kind === 'counter' && !plain.endsWith('_total') ? `${plain}_total` : plain;
}

function bucketLines(
  name: string,
  bounds: readonly number[],
  { labels, counts, count, sum }: BucketPoint,
): string[] {
  let seen = 0;
  const buckets = [...bounds, Infinity].map((bound, i) => {
    seen += counts[i] ?? 0;
    return `${name}_bucket${labelText({ ...labels, le: number(bound) })} ${seen}`;
  });
  const own = labelText(labels);
  return [...buckets, `${name}_sum${own} ${number(sum)}`, `${name}_count${own} ${count}`];
}

function labelText(labels: SeriesLabels): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name.replace(/[^A-Za-z0-9_]/g, '_')}="${escapeLabel(value)}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function escapeHelp(text: string): string {
  return printable(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return printable(text)
    .slice(0, 200)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
}
