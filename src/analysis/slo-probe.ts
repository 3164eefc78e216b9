import type { Random } from '../core/index.js';
import { blockLength, blockResample, percentileInterval } from './bootstrap.js';
import { normalQuantile } from './distributions.js';
import { mannKendall } from './mann-kendall.js';
import { median } from './moments.js';
import { rateInterval } from './rate-interval.js';

/** One short interval of a probe, in order of time. */
export interface ProbeInterval {
  /** Calls that should have started. */
  offered: number;
  /** Calls that ended (in whatever way). */
  ended: number;
  /** Of these, the ones that broke the objective: slower than it says, or failed. */
  over: number;
  /** Calls due and not ended, at the end of the interval. */
  backlog: number;
}

/** What a probe is judged by. */
export interface ProbeQuestion {
  intervals: readonly ProbeInterval[];
  /** The share of calls that may break the objective: 0.01 for a p99, 0.05 for a p95. */
  allowedShare: number;
  /** The load generator was at its limit. */
  limited: boolean;
  random: Random;
}

/** How a probe came out. */
export interface ProbeJudgement {
  /** `unclear`: the share's interval reaches over what is allowed; probe longer. */
  outcome: 'pass' | 'fail' | 'unclear' | 'limited';
  reason: string;
  /** The share of calls over the objective, with its interval. */
  share: number;
  shareCi95: [number, number];
}

const leastAchieved = 0.98;

/**
 * How many calls a probe needs to be able to pass, even without one bad call among them: 381 for a p99, 73 for a p95. Choose the
 * length of a probe by it.
 */
export function callsToPass(allowedShare: number): number {
  const z = normalQuantile(0.975);
  return Math.ceil((z * z * (1 - allowedShare)) / allowedShare);
}

/**
 * The share of calls over the objective with a 95 % interval from a block bootstrap of the intervals, since slow calls come
 * in bunches; never narrower than Wilson's, so that no bad call among a few proves nothing.
 */
export function shareOver(
  intervals: readonly ProbeInterval[],
  random: Random,
  resamples = 1000,
): { share: number; ci95: [number, number] } {
  const totals = (places: Iterable<number>) => {
    let over = 0;
    let ended = 0;
    for (const place of places) {
      over += intervals[place]!.over;
      ended += intervals[place]!.ended;
    }
    return { over, ended };
  };
  const all = totals(intervals.keys());
  const wilson = rateInterval(all.over, all.ended);
  const share = all.ended === 0 ? 0 : all.over / all.ended;
  if (all.over === 0 || intervals.length < 4) return { share, ci95: wilson };
  const block = blockLength(intervals.length);
  const replicas: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const { over, ended } = totals(blockResample(intervals.length, block, random));
    if (ended > 0) replicas.push(over / ended);
  }
  const [low, high] = percentileInterval(replicas, 0.025, 0.975);
  return { share, ci95: [Math.min(low, wilson[0]), Math.max(high, wilson[1])] };
}

/**
 * True when more and more calls wait: the backlog rises (Mann-Kendall, p < 0.01) by more than ten calls and by more than
 * 0.5 % of the calls offered.
 */
export function backlogGrows(intervals: readonly ProbeInterval[]): boolean {
  const n = intervals.length;
  if (n < 6) return false;
  const backlog = intervals.map((interval) => interval.backlog);
  const third = Math.floor(n / 3);
  const rise = median(backlog.slice(n - third)) - median(backlog.slice(0, third));
  const offered = intervals.reduce((sum, interval) => sum + interval.offered, 0);
  return rise > Math.max(10, 0.005 * offered) && mannKendall(backlog, { least: 1 }).pRise < 0.01;
}

/**
 * Judges one probe of an SLO search: it passes when the interval of the share over the objective lies within what is allowed,
 * at least 98 % of the offered load was carried, and the backlog does not grow.
 */
export function judgeProbe({ intervals, allowedShare, limited, random }: ProbeQuestion): ProbeJudgement {
  const { share, ci95 } = shareOver(intervals, random);
  const answer = (outcome: ProbeJudgement['outcome'], reason: string): ProbeJudgement => ({
    outcome: outcome !== 'pass' && limited ? 'limited' : outcome,
    reason: outcome !== 'pass' && limited ? `${reason}, but the load generator was at its limit` : reason,
    share,
    shareCi95: ci95,
  });
  const offered = intervals.reduce((sum, interval) => sum + interval.offered, 0);
  const ended = intervals.reduce((sum, interval) => sum + interval.ended, 0);
  if (ended === 0) return answer(offered === 0 ? 'unclear' : 'fail', 'no call ended');
  // What is in flight in a steady state is not missing.
  const inFlight = 1 + median(intervals.slice(0, Math.ceil(intervals.length / 3)).map((one) => one.backlog));
  if (ended + inFlight < leastAchieved * offered) {
    return answer('fail', `only ${percent(ended / offered)} of the offered calls ended in time`);
  }
  if (backlogGrows(intervals)) return answer('fail', 'the backlog grew');
  const seen = `${percent(share)} over the objective (95 %: ${percent(ci95[0])} to ${percent(ci95[1])})`;
  if (ci95[1] <= allowedShare) return answer('pass', seen);
  return answer(ci95[0] > allowedShare ? 'fail' : 'unclear', `${seen}, ${percent(allowedShare)} allowed`);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
