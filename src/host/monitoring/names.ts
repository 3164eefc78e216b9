import { usageError } from '../../core/index.js';
import { cut } from '../cut.js';
import { shown } from '../shown.js';
import {
  metricTypes,
  type Labels,
  type MetricDescription,
  type MetricType,
  type SeriesLabels,
} from './metric.js';

const maxNameLength = 255;
const maxLabels = 32;
/** Longer label values are cut: they may come from a server, and must not make recording fail. */
const maxLabelValue = 200;

/** A letter, then letters, digits, `_`, `.`, `-`, `/` (OpenTelemetry's rule for instruments), or `:` for Prometheus. */
const namePattern = /^[A-Za-z_:][A-Za-z0-9_:.\-/]*$/;
const labelPattern = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** @throws DynoError (104) unless it can name a metric. */
export function checkMetricName(name: unknown): string {
  if (typeof name === 'string' && name.length <= maxNameLength && namePattern.test(name)) return name;
  throw usageError(
    `Expected the name of a metric to be at most ${maxNameLength} letters, digits or any of _ . - / :, got ${shown(name)}`,
    'What varies, such as the name of a tool, belongs into a label.',
  );
}

/** @throws DynoError (104) unless it is one of {@link metricTypes}. */
export function checkMetricType(type: unknown, name: string): MetricType {
  if (metricTypes.includes(type as MetricType)) return type as MetricType;
  throw usageError(
    `Expected the type of metric ${name} to be one of ${metricTypes.join(', ')}, got ${shown(type)}`,
  );
}

/** @throws DynoError (104) for bounds that do not grow or quantiles outside of 0 to 1. */
export function checkDescription(name: string, description: MetricDescription): void {
  const { buckets, quantiles } = description;
  if (buckets !== undefined) {
    const grows = buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > buckets[i - 1]!));
    if (!grows || buckets.length === 0 || buckets.length > 200) {
      throw usageError(`Expected the buckets of metric ${name} to be 1 to 200 growing numbers`);
    }
  }
  if (quantiles?.some((quantile) => !(quantile >= 0 && quantile <= 1)) === true) {
    throw usageError(`Expected the quantiles of metric ${name} to be between 0 and 1`);
  }
}

/**
 * Labels as they are kept: names in order, values as texts of at most 200 characters.
 *
 * @throws DynoError (104) for a name that cannot be one, or more than 32.
 */
export function checkLabels(metric: string, type: MetricType, labels: Labels): SeriesLabels {
  const names = Object.keys(labels).sort();
  if (names.length > maxLabels) {
    throw usageError(
      `Expected a record of metric ${metric} to have at most ${maxLabels} labels, got ${names.length}`,
    );
  }
  const kept: Record<string, string> = {};
  const seen = new Set<string>();
  for (const name of names) {
    const plain = prometheusLabel(name);
    const reserved = (type === 'histogram' && plain === 'le') || (type === 'summary' && plain === 'quantile');
    if (
      !labelPattern.test(name) ||
      name.length > 100 ||
      plain.startsWith('__') ||
      reserved ||
      seen.has(plain)
    ) {
      throw usageError(
        `Expected the labels of metric ${metric} to be named by letters, digits, _ or ., each once and not ` +
          `reserved (le, quantile, __…), got ${shown(name)}`,
      );
    }
    seen.add(plain);
    const value: unknown = labels[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw usageError(
        `Expected label ${name} of metric ${metric} to be a text, number or boolean, got ${shown(value)}`,
      );
    }
    const text = String(value);
    kept[name] = text.length <= maxLabelValue ? text : `${cut(text, maxLabelValue - 1)}…`;
  }
  return Object.freeze(kept);
}

/** Whether a value is longer than is kept of it. */
export function hasLongValue(labels: Labels): boolean {
  for (const name in labels) {
    const value = labels[name];
    if (typeof value === 'string' && value.length > maxLabelValue) return true;
  }
  return false;
}

/**
 * A text that two label sets share only if they are the same and in the same order: what is before each text says how
 * long it is, so no value can pose as the end of itself.
 */
export function labelKey(labels: Labels): string {
  let key = '';
  for (const name in labels) {
    const value = labels[name]!;
    const text = typeof value === 'string' ? value : String(value);
    key += `${name.length}:${name}${text.length}:${text}`;
  }
  return key;
}

const unitSuffixes: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  By: 'bytes',
  '%': 'percent',
};

/** The name in Prometheus: other characters become `_`; the unit and, for a counter, `total` come behind. */
export function prometheusName(name: string, type: MetricType, unit: string): string {
  let plain = name.replace(/[^A-Za-z0-9_:]/g, '_');
  const suffix = unitSuffixes[unit];
  if (type === 'counter') plain = plain.replace(/_total$/, '');
  if (suffix !== undefined && !plain.endsWith(`_${suffix}`)) plain += `_${suffix}`;
  if (type === 'counter') plain += '_total';
  return plain;
}

/** The names of the lines that a metric has in Prometheus, besides its own. */
export function derivedNames(plain: string, type: MetricType): string[] {
  if (type === 'histogram') return [plain, `${plain}_bucket`, `${plain}_sum`, `${plain}_count`];
  if (type === 'summary') return [plain, `${plain}_sum`, `${plain}_count`];
  return [plain];
}

/** A label's name in Prometheus. */
export function prometheusLabel(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}
