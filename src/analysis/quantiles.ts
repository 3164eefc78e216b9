import { binomialCdf } from './distributions.js';

/** A percentile as it is reported; in the unit of the samples. */
export interface Percentile {
  /** Null with fewer samples than {@link samplesForValue} asks for. */
  value: number | null;
  /** 95 % confidence interval; null where the samples do not allow a finite one. */
  ci95: [number, number] | null;
}

/** A histogram as ascending values, each with the number of samples up to and including it. */
export type CumulativeBuckets = readonly { readonly value: number; readonly cumulative: number }[];

function checkQuantile(q: number): void {
  if (!(q > 0 && q < 1)) throw new RangeError(`Expected a quantile between 0 and 1, got ${q}`);
}

/**
 * How many samples a percentile needs before it is shown: 1/(1−q), that is 20 for p95, 100 for p99, 1,000 for
 * p99.9, so that at least one sample lies beyond it; one for the median and below.
 */
export function samplesForValue(q: number): number {
  checkQuantile(q);
  return q <= 0.5 ? 1 : Math.ceil(1 / (1 - q) - 1e-6);
}

/**
 * How many samples a two-sided interval of a quantile needs to be finite: 72 for p95, 368 for p99, 3,688 for p99.9
 * at 95 %. Below, not even the extreme samples bound it.
 *
 * Source: G. Hahn and W. Meeker, "Statistical Intervals" (1991), section 5.2.
 */
export function samplesForInterval(q: number, confidence = 0.95): number {
  checkQuantile(q);
  const tail = (1 - confidence) / 2;
  return Math.ceil(Math.log(tail) / Math.log(Math.max(q, 1 - q)) - 1e-9);
}

/** The rank (from 1) of a quantile among n samples: the smallest that q of the samples do not exceed. */
export function quantileRank(n: number, q: number): number {
  checkQuantile(q);
  return Math.min(n, Math.max(1, Math.ceil(q * n - 1e-9)));
}

/**
 * The ranks (from 1) of the order statistics that hold a quantile with the given confidence; null when there are too
 * few samples for both to exist. The tails are bounded on each side, and nothing is assumed about the distribution but
 * independent samples.
 *
 * Source: W. Conover, "Practical Nonparametric Statistics" (1999), section 3.2.
 */
export function quantileCiRanks(n: number, q: number, confidence = 0.95): [number, number] | null {
  if (n < samplesForInterval(q, confidence)) return null;
  const tail = (1 - confidence) / 2;
  // The number of samples below the true quantile is binomial(n, q): bisect for the smallest k with cdf(k) > bound.
  const firstAbove = (accept: (cdf: number) => boolean) => {
    let low = -1;
    let high = n;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (accept(binomialCdf(middle, n, q))) high = middle;
      else low = middle;
    }
    return high;
  };
  const lower = firstAbove((cdf) => cdf > tail);
  const upper = firstAbove((cdf) => cdf >= 1 - tail) + 1;
  return lower < 1 || upper > n ? null : [lower, upper];
}

/** A percentile with its interval from samples sorted ascending (q 0.95 for p95). */
export function sortedPercentile(sorted: ArrayLike<number>, q: number): Percentile {
  const n = sorted.length;
  return percentileBy(n, q, (rank) => sorted[rank - 1]!);
}

/** The value at a rank (from 1) of a histogram. */
export function valueAtRank(buckets: CumulativeBuckets, rank: number): number {
  let low = 0;
  let high = buckets.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (buckets[middle]!.cumulative >= rank) high = middle;
    else low = middle + 1;
  }
  const bucket = buckets[low];
  if (bucket === undefined) throw new RangeError('Expected a histogram with at least one sample');
  return bucket.value;
}

/** A percentile with its interval from a histogram; the answers are the bucket values, so as exact as these. */
export function bucketPercentile(buckets: CumulativeBuckets, q: number): Percentile {
  const n = buckets.at(-1)?.cumulative ?? 0;
  return percentileBy(n, q, (rank) => valueAtRank(buckets, rank));
}

/**
 * A percentile with its interval from anything that tells the value at a rank (from 1 to n), such as an HDR histogram.
 */
export function percentileBy(n: number, q: number, valueAt: (rank: number) => number): Percentile {
  if (n < samplesForValue(q)) return { value: null, ci95: null };
  const ranks = quantileCiRanks(n, q);
  return {
    value: valueAt(quantileRank(n, q)),
    ci95: ranks && [valueAt(ranks[0]), valueAt(ranks[1])],
  };
}
