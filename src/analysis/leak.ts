import { floorNoise, floorOf, type ResourceSample } from './floor.js';
import { heapFindsItsSize, mayBeHeap } from './heap-size.js';
import { mannKendall } from './mann-kendall.js';
import { theilSen, type Slope } from './theil-sen.js';

/** What may leak. Memory is in bytes, all else are counts. */
export type LeakResource = 'memory' | 'fds' | 'threads' | 'processes' | 'sessions';

/** The samples and bounds of a leak question. */
export interface LeakQuestion {
  resource: LeakResource;
  /** Samples while the load is on, in order of time. */
  load: readonly ResourceSample[];
  /** Samples before and after the load, with none going on; when given, a floor that comes back is no leak. */
  idleBefore?: readonly ResourceSample[];
  idleAfter?: readonly ResourceSample[];
  /** Each sample was taken right after a forced garbage collection, so it is a floor already. */
  collected?: boolean;
  /** Growth per call that is accepted: default 100 bytes for memory, 0 for counts. */
  boundPerCall?: number;
  /** The rise below which nothing is called a leak: default 8 MB for memory, 10 for counts. */
  leastRise?: number;
  /** More calls will come: memory is not called clean for less than excluding the bound. Default false. */
  moreToCome?: boolean;
}

/** A growth rate with its 95 % confidence interval. */
export interface Growth {
  value: number;
  ci95: [number, number];
}

/** What was seen, whatever the verdict. */
export interface LeakEvidence {
  resource: LeakResource;
  /** Bytes (or items) per call. */
  perCall: Growth;
  /** MB per hour for memory, items per hour else. */
  perHour: Growth;
  /** How far the floor rose while watched, bytes or items; and how much it scatters. */
  rise: number;
  noise: number;
  /** One-sided p-value of the rise (Mann-Kendall, corrected for autocorrelation). */
  pRise: number;
  /** Still there after the load, bytes or items; null without idle samples. */
  retained: number | null;
  minutes: number;
  calls: number;
}

/** How a leak question came out, with a sentence. */
export type LeakFinding =
  | ({ verdict: 'leaking'; reason: string } & LeakEvidence)
  | ({
      verdict: 'clean';
      reason: string;
      /** The growth per call above which it is excluded, bytes or items; null where what grew came back. */
      excludedPerCall: number | null;
    } & LeakEvidence)
  | {
      verdict: 'undecidable';
      reason: string;
      /** An estimate of the calls after which it could be decided; null where it cannot be told. */
      callsNeeded: number | null;
      /** Null where the samples were too few to look at. */
      evidence: LeakEvidence | null;
    };

/** The first share of a load is the target finding its size (heap, JIT, pools) and is not looked at. */
const settlingShare = 0.25;
/** A heap may take longer: growth that is excluded in the second half is excluded, though the first half rose. */
const heapSettlingShare = 0.5;
/** Growth of memory that is accepted, bytes per call. */
const defaultBound = 100;
const leastFloors = 8;
const mostFloors = 60;
/** Pairs of samples grow with the square: more than this are thinned to their lows. */
const mostCollected = 400;
const significance = 0.005;
/** How many times coarser than the bound a short watch may be and still call memory clean, saying so. */
const mostCoarse = 5;

/**
 * Decides whether a resource leaks. A leak is only called when all hold: the floor rises (Mann-Kendall, corrected for
 * autocorrelation, p < 0.005); the Sen interval of the growth per call lies above 0 and the bound; the rise is above the
 * least rise and 3 times the floor's noise; growth goes on in the second half; the floor does not come back when idle; and, of
 * memory, the rise is no heap that finds its size.
 * Clean means that growth above the bound is excluded, or that it came back; where nothing speaks for growth above the bound and
 * the time is up, it is enough to exclude what would have made the least rise in the calls that were watched (at most 5 times
 * the bound).
 *
 * Source: Hamed and Rao (1998), Sen (1968).
 */
export function judgeLeak(question: LeakQuestion): LeakFinding {
  const found = judgeFrom(question, settlingShare);
  if (question.resource !== 'memory' || found.verdict === 'leaking') return found;
  const bound = question.boundPerCall ?? defaultBound;
  const excludes = (one: LeakFinding) => one.verdict === 'clean' && one.excludedPerCall === bound;
  if (excludes(found)) return found;
  const later = judgeFrom(question, heapSettlingShare);
  return excludes(later) ? later : found;
}

/** @param share of the load, from its start, that is not looked at. */
function judgeFrom(question: LeakQuestion, share: number): LeakFinding {
  const { resource } = question;
  const settled = question.load.slice(Math.floor(question.load.length * share));
  const floor =
    question.collected && settled.length <= mostCollected
      ? settled
      : floorOf(settled, question.collected ? mostCollected : floorCount(settled.length));
  const calls = (settled.at(-1)?.calls ?? 0) - (settled[0]?.calls ?? 0);
  if (floor.length < leastFloors || calls <= 0) return tooFew(question);

  const memory = resource === 'memory';
  const values = floor.map((sample) => sample.value);
  const trend = mannKendall(values, { least: 1 });
  const fit = (part: readonly ResourceSample[], by: 'calls' | 't') =>
    theilSen(
      part.map((sample) => sample[by]),
      part.map((sample) => sample.value),
      { varianceFactor: trend.varianceFactor },
    );
  const perCall = fit(floor, 'calls');
  const perSecond = fit(floor, 't');
  if (!perCall?.ci95 || !perSecond?.ci95) return tooFew(question);
  const hourly = 3600 / (memory ? 1e6 : 1);
  const first = settled[0]!;
  const last = settled.at(-1)!;
  const allCalls = (question.load.at(-1)?.calls ?? 0) - (question.load[0]?.calls ?? 0);
  const evidence: LeakEvidence = {
    resource,
    perCall: { value: perCall.slope, ci95: perCall.ci95 },
    perHour: {
      value: perSecond.slope * hourly,
      ci95: [perSecond.ci95[0] * hourly, perSecond.ci95[1] * hourly],
    },
    rise: perCall.slope * calls,
    noise: floorNoise(floor),
    pRise: trend.pRise,
    retained: retainedAfter(question),
    minutes: (last.t - first.t) / 60,
    calls,
  };
  const later = fit(floor.slice(Math.floor(floor.length / 2)), 'calls');
  return decide(question, evidence, {
    later,
    allCalls,
    fell: fellAfter(question, floor.at(-1)!.value),
    heap:
      memory && question.collected !== true && mayBeHeap(floor, evidence.rise, question.moreToCome === true),
  });
}

function decide(
  question: LeakQuestion,
  evidence: LeakEvidence,
  {
    later,
    allCalls,
    fell,
    heap,
  }: { later: Slope | null; allCalls: number; fell: number | null; heap: boolean },
): LeakFinding {
  const memory = question.resource === 'memory';
  const bound = question.boundPerCall ?? (memory ? defaultBound : 0);
  const least = question.leastRise ?? (memory ? 8e6 : 10);
  const leastRise = Math.max(least, 3 * evidence.noise);
  const unit = memory ? ' bytes' : ` ${question.resource}`;
  const [low, high] = evidence.perCall.ci95;
  const rate = `${figure(evidence.perCall.value)}${unit} per call (95 %: ${figure(low)} to ${figure(high)})`;
  const watched = `${evidence.calls} calls, ${figure(evidence.minutes)} minutes watched`;

  const visible = (memory ? least : leastRise) / evidence.calls;
  const strict = bound > 0 && (high <= bound || question.moreToCome === true);
  const excluded = strict ? bound : excludable(bound, low, visible);
  if (high <= excluded) {
    return {
      verdict: 'clean',
      reason: `growth above ${figure(excluded)}${unit} per call is excluded: ${rate}, ${watched}`,
      excludedPerCall: excluded,
      ...evidence,
    };
  }
  const { retained } = evidence;
  const rises = evidence.pRise < significance && low > 0;
  // Garbage of what went before makes the level before too high: what comes back must have gone down, too.
  const cameBack =
    retained !== null &&
    fell !== null &&
    retained < Math.max(0.5 * Math.max(low, 0) * allCalls, 0) &&
    fell >= 0.5 * Math.max(low, 0) * evidence.calls;
  if (rises && cameBack) {
    return {
      verdict: 'clean',
      reason: `the growth under load came back when idle: ${rate}, ${watched}`,
      excludedPerCall: null,
      ...evidence,
    };
  }
  const goesOn =
    later !== null &&
    later.slope > bound &&
    later.slope >= 0.5 * evidence.perCall.value &&
    later.slope * evidence.calls > leastRise;
  if (rises && low > bound && evidence.rise > leastRise && goesOn && !heap) {
    return { verdict: 'leaking', reason: `grows by ${rate}, ${watched}`, ...evidence };
  }
  return undecided(evidence, { bound, leastRise, rises, goesOn, heap, rate, watched, unit });
}

/**
 * The growth per call that must be excluded. What would stay below the least rise all along is not looked for; a count has no
 * bound besides.
 *
 * @param low where the interval of the growth begins: above the bound, only excluding the bound will do.
 * @param visible what makes the least rise in the calls that were watched, per call.
 */
function excludable(bound: number, low: number, visible: number): number {
  if (bound === 0) return visible;
  if (low > bound || visible > mostCoarse * bound) return bound;
  return Math.max(bound, visible);
}

function undecided(
  evidence: LeakEvidence,
  state: {
    bound: number;
    leastRise: number;
    rises: boolean;
    goesOn: boolean;
    heap: boolean;
    rate: string;
    watched: string;
    unit: string;
  },
): LeakFinding {
  const { value, ci95 } = evidence.perCall;
  let factor = 1.5;
  let why = `the growth may still end (${state.rate})`;
  if (!state.rises || ci95[0] <= state.bound) {
    // The interval of a slope narrows with the span to the power of 1.5 when the samples come as often as before.
    const half = (ci95[1] - ci95[0]) / 2;
    const gap = Math.max(Math.abs(value - state.bound), 0.1 * half);
    factor = Math.max(factor, (half / gap) ** (2 / 3));
    why = `the noise is wider than the question: ${state.rate}, bound ${figure(state.bound)}`;
  } else if (evidence.rise <= state.leastRise) {
    factor = Math.max(factor, state.leastRise / evidence.rise);
    why = `rose by only ${figure(evidence.rise)}${state.unit}, ${figure(state.leastRise)} needed: ${state.rate}`;
  } else if (state.goesOn && state.heap) {
    factor = Math.max(factor, heapFindsItsSize / evidence.rise);
    why = `rose by ${figure(evidence.rise / 1e6)} MB, which a runtime's heap may take until it has its size: ${state.rate}`;
  }
  const callsNeeded = Math.ceil(evidence.calls * Math.min(factor, 20) * (1 / (1 - settlingShare)));
  return {
    verdict: 'undecidable',
    reason: `${why}; ${state.watched}, about ${callsNeeded} calls needed`,
    callsNeeded,
    evidence,
  };
}

function tooFew({ load, collected, resource }: LeakQuestion): LeakFinding {
  const needed = Math.ceil((leastFloors * (collected ? 1 : 2)) / (1 - settlingShare));
  const calls = (load.at(-1)?.calls ?? 0) - (load[0]?.calls ?? 0);
  return {
    verdict: 'undecidable',
    reason:
      calls > 0
        ? `${resource}: ${load.length} samples under load, ${needed} needed`
        : `${resource}: no calls while it was watched`,
    callsNeeded: calls > 0 ? Math.ceil((calls * needed) / Math.max(1, load.length)) : null,
    evidence: null,
  };
}

/** At least two samples a window, at best eight: the low of more is nearer to the floor. Never more windows than pay. */
function floorCount(samples: number): number {
  return Math.min(
    mostFloors,
    Math.max(Math.floor(samples / 8), Math.min(leastFloors, Math.floor(samples / 2))),
  );
}

/** The low of the second half of the idle time after, less the low before. */
function retainedAfter({ idleBefore, idleAfter }: LeakQuestion): number | null {
  if (!idleBefore?.length || !idleAfter?.length) return null;
  return lowOf(laterHalf(idleAfter)) - lowOf(idleBefore);
}

/** How far the floor at the end of the load is above the low of the second half of the idle time after. */
function fellAfter({ idleAfter }: LeakQuestion, endFloor: number): number | null {
  return idleAfter?.length ? endFloor - lowOf(laterHalf(idleAfter)) : null;
}

function laterHalf(samples: readonly ResourceSample[]): readonly ResourceSample[] {
  return samples.slice(Math.floor(samples.length / 2));
}

function lowOf(samples: readonly ResourceSample[]): number {
  return Math.min(...samples.map((sample) => sample.value));
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
