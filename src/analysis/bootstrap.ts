import type { Random } from '../core/index.js';
import { normalCdf, normalQuantile } from './distributions.js';

/**
 * Places (indices) of a resample that keeps the order within blocks, so that values close in time stay together. `length`
 * places drawn as blocks that may start anywhere and wrap around the end (circular, so that all count alike).
 *
 * Source: D. Politis and J. Romano, "A Circular Block-Resampling Procedure for Stationary Data" (1992).
 */
export function blockResample(length: number, block: number, random: Random): number[] {
  const places: number[] = [];
  while (places.length < length) {
    const start = random.integer(0, length - 1);
    for (let i = 0; i < block && places.length < length; i++) places.push((start + i) % length);
  }
  return places;
}

/** The block length that suits `n` autocorrelated values: n to the power of 1/3 (Hall, Horowitz and Jing 1995), at least 1. */
export function blockLength(n: number): number {
  return Math.max(1, Math.round(Math.cbrt(n)));
}

/** The interval between two quantiles of resampled statistics. */
export function percentileInterval(replicas: readonly number[], low: number, high: number): [number, number] {
  const sorted = Float64Array.from(replicas).sort();
  const at = (p: number) =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(p * (sorted.length - 1))))]!;
  return [at(low), at(high)];
}

/**
 * A bias-corrected and accelerated bootstrap interval of a statistic of independent values; null for fewer than three values
 * or where all resamples agree.
 *
 * Source: B. Efron, "Better Bootstrap Confidence Intervals" (1987).
 */
export function bcaInterval(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  {
    random,
    resamples = 2000,
    confidence = 0.95,
  }: { random: Random; resamples?: number; confidence?: number },
): [number, number] | null {
  const n = values.length;
  if (n < 3) return null;
  const estimate = statistic(values);
  const replicas = Array.from({ length: resamples }, () =>
    statistic(Array.from({ length: n }, () => values[random.integer(0, n - 1)]!)),
  );
  // Ties with the estimate count half, or a discrete statistic would look biased.
  const below = replicas.reduce((sum, r) => sum + (r < estimate ? 1 : r === estimate ? 0.5 : 0), 0);
  if (below === 0 || below === resamples) return null;
  const bias = normalQuantile(below / resamples);
  const without = values.map((_, i) => statistic(values.filter((__, j) => j !== i)));
  const centre = without.reduce((sum, value) => sum + value, 0) / n;
  const squares = without.reduce((sum, value) => sum + (centre - value) ** 2, 0);
  const cubes = without.reduce((sum, value) => sum + (centre - value) ** 3, 0);
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const adjusted = (p: number) => {
    const z = bias + normalQuantile(p);
    return normalCdf(bias + z / (1 - acceleration * z));
  };
  const tail = (1 - confidence) / 2;
  return percentileInterval(replicas, adjusted(tail), adjusted(1 - tail));
}
