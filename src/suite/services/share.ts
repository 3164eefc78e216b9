import { rateInterval } from '../../analysis/index.js';
import type { Metric } from '../../core/run-result.js';

/** A share of successes with Wilson's interval; null of none. */
export function shareOf(part: number, all: number): Metric {
  return all === 0
    ? { value: null, unit: 'ratio', ci95: null }
    : { value: part / all, unit: 'ratio', ci95: rateInterval(part, all) };
}

/** A share for a sentence: `97 %`. */
export function percent(part: number, all: number): string {
  return all === 0 ? 'none' : `${Math.round((1000 * part) / all) / 10} %`;
}
