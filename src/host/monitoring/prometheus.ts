import type { SeriesLabels } from './metric.js';
import type { MetricFamily } from './metric-family.js';
import { prometheusLabel, prometheusName } from './names.js';
import { Distribution, type Series } from './series.js';

/** The content type of {@link prometheusText}. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Metrics in Prometheus's text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format): for each metric HELP, TYPE and a
 * line for each series; histograms with their buckets, sum and count, summaries with quantiles of the last minutes. With
 * `timestamps`, each line says when its series was last recorded to (milliseconds); Prometheus is better off without.
 */
export function prometheusText(
  families: Iterable<MetricFamily>,
  options: { timestamps?: boolean } = {},
): string {
  const lines: string[] = [];
  for (const family of families) {
    if (family.blank) continue;
    const name = prometheusName(family.name, family.type, family.unit);
    if (family.help !== '') lines.push(`# HELP ${name} ${escapeHelp(family.help)}`);
    lines.push(`# TYPE ${name} ${family.type}`);
    for (const series of family.all()) {
      const at = options.timestamps === true ? ` ${Math.round(series.updatedAt)}` : '';
      const labels = labelText(series.labels);
      for (const [suffix, extra, value] of samples(family, series)) {
        const all = labels === '' || extra === '' ? labels + extra : `${labels},${extra}`;
        lines.push(`${name}${suffix}${all === '' ? '' : `{${all}}`} ${numberText(value)}${at}`);
      }
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** What comes behind the name, a label that the line has besides those of the series, and its value. */
type Sample = readonly [suffix: string, extra: string, value: number];

function samples(family: MetricFamily, series: Series): Sample[] {
  if (!(series instanceof Distribution)) return [['', '', series.total]];
  const spread =
    family.type === 'histogram'
      ? series.cumulative().map(([bound, count]): Sample => ['_bucket', `le="${numberText(bound)}"`, count])
      : family.quantiles.map((share): Sample => ['', `quantile="${share}"`, series.quantile(share) ?? NaN]);
  return [...spread, ['_sum', '', series.sum], ['_count', '', series.total]];
}

function labelText(labels: SeriesLabels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${prometheusLabel(name)}="${escapeValue(value)}"`)
    .join(',');
}

function escapeValue(text: string): string {
  return wellFormed(text).replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function escapeHelp(text: string): string {
  return wellFormed(text).replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}

/** Half a surrogate pair cannot be written in UTF-8. A carriage return is a line break to some readers. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd').replace(/\r/g, ' ');
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}
