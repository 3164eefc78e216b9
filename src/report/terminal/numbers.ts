import { formatBytes, formatCount } from '../../core/index.js';

/** Three significant digits with thousands separated: `0.0912`, `3.04`, `305`, `1,204`; empty for null. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size >= 1000) return formatCount(Math.round(value));
  if (size >= 100) return String(Math.round(value));
  if (size < 0.0005) return '0';
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

/** A whole number with thousands separated. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : formatCount(value);
}

/** A share (0…1) in percent: `0 %`, `0.02 %`, `2.1 %`, `100 %`; never rounded to a full 0 or 100 that it is not. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return '';
  const value = 100 * share;
  if (value > 0 && value < 0.01) return '<0.01 %';
  if (value < 100 && value > 99.99) return '>99.99 %';
  const digits = value >= 99.9 && value < 100 ? 2 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} %`;
}

/** A value in a metric's unit, as people write it: `1.93 ms`, `98 %`, `2,914/s`, `143 MB`. */
export function quantity(value: number | null, unit: string | undefined): string {
  if (value === null) return 'no value';
  switch (unit) {
    case 'ratio':
      return percent(value);
    case 'ops/s':
      return `${number(value)}/s`;
    case 'B':
      return formatBytes(value);
    case 'count':
    case undefined:
    case '':
      return Number.isInteger(value) ? count(value) : number(value);
    default:
      return `${number(value)} ${unit}`;
  }
}
