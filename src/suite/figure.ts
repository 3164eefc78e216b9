import { formatCount } from '../core/units.js';

/** A number as sentences of the suite show it: three significant digits, thousands separated (`0.0912`, `8.1`, `12,346`). */
export function figure(value: number): string {
  if (Math.abs(value) < 100) return String(Number(value.toPrecision(3)));
  return formatCount(value);
}
