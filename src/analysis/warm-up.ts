import { batchMeans } from './moments.js';

/** Where a series becomes steady. */
export type WarmUp =
  | {
      kind: 'steady';
      /** How many values of the series to cut from its beginning. */
      cut: number;
    }
  /** The best cut lies past the half: the series was still changing when it ended. */
  | { kind: 'no steady state'; cut: number; reason: string }
  | { kind: 'not judged'; reason: string };

/** MSER needs some batches to tell a beginning from the rest. */
const leastBatches = 10;
/** The statistic is erratic where only a few batches remain (Hoad, Robinson and Davies 2010). */
const tailBatches = 5;
/**
 * A cut past the half has to be this much better than the best one before it. A short tail of pure noise often is a
 * little better by chance; for a series that drifts on, the statistic falls in proportion to what remains.
 */
const clearlyBetter = 0.5;

/**
 * Finds the warm-up of a series by MSER-5: the cut after which the standard error of the mean of batches of five is least.
 * A cut past the half is rejected.
 *
 * Give it means over equal intervals (say 100 ms of latency or throughput), at least 50 of them.
 *
 * Source: K. P. White, M. Cobb and S. Spratt, "A Comparison of Five Steady-State Truncation Heuristics for Simulation"
 * (2000); tail as in Hoad, Robinson and Davies, "Automating Warm-up Length Estimation" (2010).
 */
export function findWarmUp(series: ArrayLike<number>, batch = 5): WarmUp {
  const means = batchMeans(series, batch);
  const n = means.length;
  if (n < leastBatches) {
    return {
      kind: 'not judged',
      reason: `warm-up: ${series.length} intervals watched, ${leastBatches * batch} needed`,
    };
  }
  const half = Math.floor(n / 2);
  const early = { best: Infinity, cut: 0 };
  const late = { best: Infinity, cut: 0 };
  let total = 0;
  let average = 0;
  let squares = 0;
  // From the end on: Welford's update makes every cut's sum of squares in one pass.
  for (let cut = n - 1; cut >= 0; cut--) {
    const value = means[cut]!;
    total++;
    const difference = value - average;
    average += difference / total;
    squares += difference * (value - average);
    const statistic = squares / (total * total);
    const side = cut > half ? late : early;
    // On a tie the smaller cut wins, since it throws less away.
    if (total >= Math.max(tailBatches, n / 10) && statistic <= side.best) {
      side.best = statistic;
      side.cut = cut;
    }
  }
  if (late.best < clearlyBetter * early.best) {
    return {
      kind: 'no steady state',
      cut: late.cut * batch,
      reason: `no steady state: the series still changed after ${Math.round((100 * late.cut) / n)} % of it`,
    };
  }
  return { kind: 'steady', cut: early.cut * batch };
}
