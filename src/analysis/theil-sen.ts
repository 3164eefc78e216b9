import { normalQuantile } from './distributions.js';
import { sortedMedian } from './moments.js';
import { tieSizes } from './ranks.js';

/** A robust straight line. */
export interface Slope {
  /** Units of y per unit of x. */
  slope: number;
  /** 95 % confidence interval; null below three points. */
  ci95: [number, number] | null;
  intercept: number;
}

/** The variance of Mann-Kendall's S under no trend, corrected for ties (Kendall 1975). */
export function kendallVariance(values: readonly number[]): number {
  const term = (n: number) => n * (n - 1) * (2 * n + 5);
  return (term(values.length) - tieSizes(values).reduce((total, size) => total + term(size), 0)) / 18;
}

/**
 * The Theil-Sen line: the median of the slopes of all pairs, with Sen's interval. Up to 29 % of the points may be wild
 * without harm.
 *
 * @param varianceFactor multiplies the variance behind the interval, for autocorrelated values (see
 * {@link mannKendall}).
 *
 * Source: P. K. Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau" (1968).
 */
export function theilSen(
  x: readonly number[],
  y: readonly number[],
  { confidence = 0.95, varianceFactor = 1 }: { confidence?: number; varianceFactor?: number } = {},
): Slope | null {
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      const run = x[j]! - x[i]!;
      if (run !== 0) slopes.push((y[j]! - y[i]!) / run);
    }
  }
  if (slopes.length === 0) return null;
  const sorted = Float64Array.from(slopes).sort();
  const slope = sortedMedian(sorted);
  const residuals = Float64Array.from(y, (value, i) => value - slope * x[i]!).sort();
  return {
    slope,
    ci95: senInterval(sorted, x, y, confidence, varianceFactor),
    intercept: sortedMedian(residuals),
  };
}

function senInterval(
  sorted: Float64Array,
  x: readonly number[],
  y: readonly number[],
  confidence: number,
  varianceFactor: number,
): [number, number] | null {
  if (x.length < 3) return null;
  const term = (n: number) => n * (n - 1) * (2 * n + 5);
  const tiesInX = tieSizes(x).reduce((total, size) => total + term(size), 0) / 18;
  const variance = Math.max(0, kendallVariance(y) - tiesInX) * varianceFactor;
  const reach = normalQuantile(1 - (1 - confidence) / 2) * Math.sqrt(variance);
  const count = sorted.length;
  // Sen (1968), equation 2.6, with the ranks rounded outwards and kept inside.
  const upper = Math.min(Math.round((count + reach) / 2), count - 1);
  const lower = Math.max(Math.round((count - reach) / 2) - 1, 0);
  return [sorted[lower]!, sorted[upper]!];
}
