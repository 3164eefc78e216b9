import { normalCdf } from './distributions.js';
import { sortedMedian } from './moments.js';
import { midranks } from './ranks.js';

/** Up to this many differences the distribution of the statistic is exact. */
const exactUpTo = 60;

/** Wilcoxon's signed-rank test of differences around zero. */
export interface SignedRank {
  /** The sum of the ranks of the positive differences. */
  statistic: number;
  /** One-sided p-values: small when the differences lie above, or below, zero. */
  pAbove: number;
  pBelow: number;
}

/**
 * Wilcoxon's signed-rank test. Zeros are dropped, ties share their rank, and the distribution is exact for up to 60
 * differences, ties included.
 *
 * Source: F. Wilcoxon (1945); M. Hollander and D. Wolfe, "Nonparametric Statistical Methods" (1999), section 3.1.
 */
export function signedRank(differences: readonly number[]): SignedRank {
  const values = differences.filter((value) => value !== 0);
  const ranks = midranks(values.map(Math.abs));
  const statistic = values.reduce((sum, value, i) => sum + (value > 0 ? ranks[i]! : 0), 0);
  const n = values.length;
  if (n === 0) return { statistic: 0, pAbove: 1, pBelow: 1 };
  if (n > exactUpTo) {
    const centre = (n * (n + 1)) / 4;
    const deviation = Math.sqrt(ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4);
    return {
      statistic,
      pAbove: 1 - normalCdf((statistic - centre - 0.5) / deviation),
      pBelow: normalCdf((statistic - centre + 0.5) / deviation),
    };
  }
  // Doubled, shared ranks are whole numbers too.
  const doubled = ranks.map((rank) => Math.round(2 * rank));
  const chances = sumDistribution(doubled);
  const at = Math.round(2 * statistic);
  let pBelow = 0;
  for (let sum = 0; sum <= at; sum++) pBelow += chances[sum]!;
  return { statistic, pAbove: Math.min(1, 1 - pBelow + chances[at]!), pBelow: Math.min(1, pBelow) };
}

/** The chance of each sum when every number counts with probability one half. */
function sumDistribution(numbers: readonly number[]): Float64Array {
  const chances = new Float64Array(numbers.reduce((sum, number) => sum + number, 0) + 1);
  chances[0] = 1;
  let reach = 0;
  for (const number of numbers) {
    reach += number;
    for (let sum = reach; sum >= 0; sum--) {
      chances[sum] = (chances[sum]! + (sum >= number ? chances[sum - number]! : 0)) / 2;
    }
  }
  return chances;
}

/** The means of all pairs of values, each with itself too, ascending. */
function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let k = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = i; j < values.length; j++) averages[k++] = (values[i]! + values[j]!) / 2;
  }
  return averages.sort();
}

/**
 * The Hodges-Lehmann estimate of the centre: the median of the means of all pairs. Nearly as sharp as the mean where noise is
 * normal, and unmoved by a few wild values. NaN of no values.
 *
 * Source: J. Hodges and E. Lehmann, "Estimates of Location Based on Rank Tests" (1963).
 */
export function hodgesLehmann(values: readonly number[]): number {
  return sortedMedian(walshAverages(values));
}

/**
 * The interval of the centre that belongs to the signed-rank test (Tukey 1949): at least the confidence asked for, exact up to
 * 60 values. Null where so few values cannot give it (5 at 95 %).
 */
export function signedRankInterval(values: readonly number[], confidence = 0.95): [number, number] | null {
  const n = values.length;
  const averages = walshAverages(values);
  const rank = criticalRank(n, (1 - confidence) / 2);
  return rank < 1 ? null : [averages[rank - 1]!, averages[averages.length - rank]!];
}

const criticalRanks = new Map<string, number>();

/** The largest k with P(W ≤ k − 1) ≤ tail for the statistic of n untied differences. */
function criticalRank(n: number, tail: number): number {
  if (n > exactUpTo) {
    const centre = (n * (n + 1)) / 4;
    const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
    let rank = Math.floor(centre);
    while (rank > 0 && normalCdf((rank - 0.5 - centre) / deviation) > tail) rank--;
    return rank;
  }
  const key = `${n} ${tail}`;
  const known = criticalRanks.get(key);
  if (known !== undefined) return known;
  const chances = sumDistribution(Array.from({ length: n }, (_, i) => i + 1));
  let rank = 0;
  let below = 0;
  while (rank < chances.length && below + chances[rank]! <= tail) below += chances[rank++]!;
  criticalRanks.set(key, rank);
  return rank;
}
