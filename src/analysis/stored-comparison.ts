import type { Random } from '../core/index.js';
import { blockLength, blockResample, percentileInterval } from './bootstrap.js';
import type { ComparisonVerdict } from './comparison.js';
import { traitsOf } from './metric-traits.js';
import { median } from './moments.js';

/** Two stored runs, compared on one metric. Not paired: the machine may have drifted between them. */
export interface StoredComparison {
  metric: string;
  verdict: ComparisonVerdict;
  /** B/A. */
  ratio: number | null;
  ci95: [number, number] | null;
  /** The zone of equivalence is 1/(1+δ) to 1+δ, wider than for pairs. */
  delta: number;
  /** Why it could not be decided. */
  reason?: string;
}

const leastSlices = 10;
/** δ between runs of a few seconds. */
const shortDelta = 1;

/**
 * Compares two stored series of slices (10 to 30 s each) of one metric: the ratio of their medians, with an interval from a
 * moving-block bootstrap of each. δ is twice the tolerance, or the effect of the metric (10 % for a median, 20 % for p95) when
 * that is more, since nothing tells the build's doing from the machine's; `widen` times that where more than the build has changed.
 *
 * Source: H. Künsch, "The Jackknife and the Bootstrap for General Stationary Observations" (1989).
 */
export function compareSeries(
  metric: string,
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  {
    random,
    tolerance = 0.03,
    widen = 1,
    resamples = 2000,
  }: { random: Random; tolerance?: number; widen?: number; resamples?: number },
): StoredComparison {
  const positive = (values: readonly (number | null)[]) =>
    values.filter((value): value is number => value !== null && value > 0);
  const [left, right] = [positive(a), positive(b)];
  const delta = widen * storedDelta(metric, tolerance);
  if (left.length < leastSlices || right.length < leastSlices) {
    const reason = `${Math.min(left.length, right.length)} slices stored, ${leastSlices} needed in both runs`;
    return { metric, verdict: 'inconclusive', ratio: null, ci95: null, delta, reason };
  }
  const [drawLeft, drawRight] = [resampledMedian(left, random), resampledMedian(right, random)];
  const replicas = Array.from({ length: resamples }, () => Math.log(drawRight() / drawLeft()));
  const ci = percentileInterval(replicas, 0.025, 0.975);
  return judged(metric, Math.log(median(right) / median(left)), ci, delta);
}

/** Medians of block resamples, by counting how often each rank was drawn: sorting each of thousands would take seconds. */
function resampledMedian(values: readonly number[], random: Random): () => number {
  const n = values.length;
  const order = values.map((_, place) => place).sort((a, b) => values[a]! - values[b]!);
  const rankOf = new Uint32Array(n);
  for (const [rank, place] of order.entries()) rankOf[place] = rank;
  const drawn = new Uint32Array(n);
  const [low, high] = [(n - 1) >> 1, n >> 1];
  return () => {
    drawn.fill(0);
    for (const place of blockResample(n, blockLength(n), random)) drawn[rankOf[place]!]!++;
    let seen = 0;
    let lower: number | undefined;
    for (let rank = 0; rank < n; rank++) {
      seen += drawn[rank]!;
      if (lower === undefined && seen > low) lower = values[order[rank]!]!;
      if (seen > high) return (lower! + values[order[rank]!]!) / 2;
    }
    return NaN;
  };
}

/** A stored value with its 95 % interval, as in a RunResult or a baseline. */
export interface StoredValue {
  value: number | null;
  ci95?: readonly [number, number] | null;
}

/**
 * Compares two stored values by their intervals, where no series is at hand (a baseline): the interval of ln(B/A) from both
 * half-widths on the logarithmic scale, δ as in {@link compareSeries}. Without both intervals it is inconclusive.
 *
 * @param options.short whether a run lasted only seconds: its interval says nothing of how runs of the same build differ,
 *   which is by tens of percent, so that only what has doubled or halved is called different. Shares are exempt.
 */
export function compareValues(
  metric: string,
  a: StoredValue,
  b: StoredValue,
  {
    tolerance = 0.03,
    widen = 1,
    short = false,
  }: { tolerance?: number; widen?: number; short?: boolean } = {},
): StoredComparison {
  const least = short && traitsOf(metric).tolerance === undefined ? shortDelta : 0;
  const delta = Math.max(least, widen * storedDelta(metric, tolerance));
  const none = { metric, verdict: 'inconclusive' as const, ratio: null, ci95: null, delta };
  if (!(a.value !== null && a.value > 0)) return { ...none, reason: 'the first run has no value' };
  if (!(b.value !== null && b.value > 0)) return { ...none, reason: 'the second run has no value' };
  const ratio = b.value / a.value;
  if (!a.ci95 || !b.ci95 || !(a.ci95[0] > 0) || !(b.ci95[0] > 0)) {
    return { ...none, ratio, reason: 'too few samples for an interval in both runs' };
  }
  const log = Math.log(ratio);
  const reach = (side: 0 | 1) =>
    Math.hypot(Math.log(b.ci95![side] / b.value!), Math.log(a.ci95![1 - side]! / a.value!));
  return judged(metric, log, [log - reach(0), log + reach(1)], delta);
}

function storedDelta(metric: string, tolerance: number): number {
  const traits = traitsOf(metric);
  return Math.max(2 * (traits.tolerance ?? tolerance), traits.effect);
}

function judged(metric: string, log: number, ci: [number, number], delta: number): StoredComparison {
  const edge = Math.log1p(delta);
  const { direction } = traitsOf(metric);
  const grew = ci[0] > edge;
  const shrank = ci[1] < -edge;
  let verdict: ComparisonVerdict = 'inconclusive';
  if (ci[0] > -edge && ci[1] < edge) verdict = 'equivalent';
  else if (grew || shrank) verdict = grew === (direction === 'lower') ? 'regression' : 'improvement';
  const inDoubt = verdict === 'inconclusive' ? { reason: 'the noise is wider than the question' } : {};
  const undirected = direction === 'none' && verdict !== 'equivalent';
  return {
    metric,
    verdict: undirected ? 'inconclusive' : verdict,
    ratio: Math.exp(log),
    ci95: [Math.exp(ci[0]), Math.exp(ci[1])],
    delta,
    ...(undirected ? { reason: 'neither more nor less of it is better' } : inDoubt),
  };
}

/** The means of slices of `seconds` of a series with times in seconds; null for a slice without values. */
export function sliceMeans(
  t: readonly number[],
  values: readonly (number | null)[],
  seconds: number,
): (number | null)[] {
  const slices: { sum: number; count: number }[] = [];
  const start = t[0] ?? 0;
  t.forEach((time, i) => {
    const slice = (slices[Math.floor((time - start) / seconds)] ??= { sum: 0, count: 0 });
    const value = values[i] ?? null;
    if (value === null) return;
    slice.sum += value;
    slice.count++;
  });
  return Array.from(slices, (slice) => (slice && slice.count > 0 ? slice.sum / slice.count : null));
}
