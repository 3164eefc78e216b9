import { normalCdf, normalQuantile } from './distributions.js';
import { mean } from './moments.js';
import { midranks } from './ranks.js';
import { kendallVariance, theilSen } from './theil-sen.js';

/** A test for a monotone trend. */
export interface Trend {
  /** Pairs that rise minus pairs that fall. */
  s: number;
  /** The variance of s under no trend, corrected for autocorrelation. */
  variance: number;
  /** n/n*: how much autocorrelation widens the variance (below 1 where values alternate). */
  varianceFactor: number;
  z: number;
  /** One-sided p-value for a rise: small when the series rises. */
  pRise: number;
}

/**
 * The Mann-Kendall trend test, corrected for autocorrelation: values close in time resemble each other, and the plain test
 * takes that for a trend.
 *
 * @param least the smallest variance factor; 1 keeps alternating values from making the test bolder than the plain one.
 *
 * Source: K. Hamed and A. Rao, "A Modified Mann-Kendall Trend Test for Autocorrelated Data" (1998): autocorrelation of the
 * ranks of the values less their Sen slope, lags significant at 5 %.
 */
export function mannKendall(values: readonly number[], { least = 0 }: { least?: number } = {}): Trend {
  const n = values.length;
  let s = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) s += Math.sign(values[j]! - values[i]!);
  }
  const varianceFactor = Math.max(least, autocorrelationFactor(values));
  const variance = kendallVariance(values) * varianceFactor;
  // One step towards zero: S is a whole number, the normal distribution is not.
  const z = s === 0 || variance <= 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { s, variance, varianceFactor, z, pRise: 1 - normalCdf(z) };
}

function autocorrelationFactor(values: readonly number[]): number {
  const n = values.length;
  if (n < 4) return 1;
  const slope = theilSen([...values.keys()], values)?.slope ?? 0;
  const ranks = midranks(values.map((value, i) => value - i * slope));
  const centre = mean(ranks);
  const deviations = ranks.map((rank) => rank - centre);
  const total = deviations.reduce((sum, deviation) => sum + deviation * deviation, 0);
  if (total === 0) return 1;
  const significant = normalQuantile(0.975) / Math.sqrt(n);
  let sum = 0;
  for (let lag = 1; lag < n; lag++) {
    let product = 0;
    for (let i = 0; i + lag < n; i++) product += deviations[i]! * deviations[i + lag]!;
    const correlation = product / total;
    if (Math.abs(correlation) <= significant) continue;
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation;
  }
  return 1 + (2 / (n * (n - 1) * (n - 2))) * sum;
}
