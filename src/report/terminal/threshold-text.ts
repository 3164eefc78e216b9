import type { ThresholdResult } from '../../core/index.js';
import { number, quantity } from './numbers.js';

/** The unit of a threshold's numbers, shares told from plain counts. */
function unitOf({ metric, unit }: ThresholdResult): string | undefined {
  return /(^|\.)success_rate$/.test(metric) ? 'ratio' : unit;
}

/** `latency.p95 of echo`: what a threshold looks at. */
export function subjectOf({ metric, operation }: ThresholdResult): string {
  return operation === undefined ? metric : `${metric} of ${operation.replace(/^tools\/call /, '')}`;
}

/** `limit < 200 ms`; a limit too small for three digits as it was given, for nobody asked for 0. */
export function limitOf(threshold: ThresholdResult): string {
  const { op, limit, unit } = threshold;
  const rounds = limit !== 0 && number(limit) === '0' && unitOf(threshold) === 'ms';
  return `limit ${op} ${rounds ? `${limit} ${unit}` : quantity(limit, unitOf(threshold))}`;
}

/** The observed value with its unit. */
export function observedOf(threshold: ThresholdResult): string {
  return quantity(threshold.observed, unitOf(threshold));
}

/** How far the value is from the limit: `12 % under`, `2.4 times the limit`; empty where that says nothing. */
export function marginOf({ observed, limit }: ThresholdResult): string {
  if (observed === null || limit === 0 || observed === limit) return '';
  const ratio = observed / limit;
  if (ratio >= 2) return `${number(ratio)} times the limit`;
  const percent = Math.abs(ratio - 1) * 100;
  return `${number(percent)} % ${ratio > 1 ? 'over' : 'under'}`;
}
