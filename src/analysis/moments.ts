import { studentQuantile } from './distributions.js';

/** The sum, with Neumaier's compensation (1974): a million small numbers after a large one still count. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** The arithmetic mean; NaN of no values. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

/** The sample variance, divided by n − 1; 0 of fewer than two values. */
export function variance(values: ArrayLike<number>): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  return squares / (values.length - 1);
}

/** The sample standard deviation, divided by n − 1; 0 of fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  return Math.sqrt(variance(values));
}

/** The median, the mean of the middle two where their number is even; NaN of no values. */
export function median(values: Iterable<number>): number {
  return sortedMedian(Float64Array.from(values).sort());
}

/** The median of values sorted ascending. */
export function sortedMedian(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  return n === 0 ? NaN : (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
}

/** The normal-consistent median absolute deviation: 1.4826 · median|x − median| (Hampel 1974). */
export function medianDeviation(values: readonly number[]): number {
  const centre = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - centre)));
}

/** Student's interval for the mean of independent values; null below two values. */
export function meanInterval(values: ArrayLike<number>, confidence = 0.95): [number, number] | null {
  const n = values.length;
  if (n < 2) return null;
  const centre = mean(values);
  const half = (studentQuantile(1 - (1 - confidence) / 2, n - 1) * standardDeviation(values)) / Math.sqrt(n);
  return [centre - half, centre + half];
}

/** The means of consecutive batches; what does not fill the last batch is left out. */
export function batchMeans(values: ArrayLike<number>, size: number): number[] {
  const means: number[] = [];
  for (let start = 0; start + size <= values.length; start += size) {
    let total = 0;
    for (let i = start; i < start + size; i++) total += values[i]!;
    means.push(total / size);
  }
  return means;
}

/**
 * An interval for the mean of an autocorrelated series: Student's, over the means of `batches` long batches, which are
 * nearly independent. Null when there are fewer than two values a batch.
 *
 * Source: B. Schmeiser, "Batch Size Effects in the Analysis of Simulation Output" (1982): 10 to 30 batches.
 */
export function batchMeansInterval(
  values: ArrayLike<number>,
  { batches = 20, confidence = 0.95 }: { batches?: number; confidence?: number } = {},
): [number, number] | null {
  const size = Math.floor(values.length / batches);
  return size < 2 ? null : meanInterval(batchMeans(values, size), confidence);
}
