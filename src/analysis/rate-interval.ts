import { normalQuantile } from './distributions.js';

/**
 * Wilson's score interval for a share such as a success rate; [0, 1] of no trials. Unlike the textbook interval it stays
 * within 0 and 1 and is right at the edges, where success rates live.
 *
 * Source: E. B. Wilson (1927); Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion" (2001).
 */
export function rateInterval(successes: number, trials: number, confidence = 0.95): [number, number] {
  if (trials === 0) return [0, 1];
  if (!(successes >= 0 && successes <= trials)) {
    throw new RangeError(`Expected between 0 and ${trials} successes, got ${successes}`);
  }
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const share = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return [
    successes === 0 ? 0 : Math.max(0, centre - half),
    successes === trials ? 1 : Math.min(1, centre + half),
  ];
}
