import { mannKendall } from './mann-kendall.js';
import { median, standardDeviation } from './moments.js';
import { theilSen } from './theil-sen.js';
import { findWarmUp } from './warm-up.js';

/** How steady a series is once warm. */
export type Stability =
  | {
      kind: 'judged';
      /** Values cut from the beginning: found by MSER-5, or the given share where there is no steady state. */
      cut: number;
      steady: boolean;
      /** Of the values after the cut, in their unit. */
      standardDeviation: number;
      median: number;
    }
  | { kind: 'not judged'; reason: string };

const leastValues = 20;
/** What is cut where MSER-5 finds no steady state or has too little to go by. */
const fallbackCut = 0.2;

/**
 * The scatter of a series (such as RSS in MB) after its warm-up: the sample standard deviation. It is not judged below 20
 * values.
 */
export function judgeStability(values: readonly number[]): Stability {
  if (values.length < leastValues) {
    return {
      kind: 'not judged',
      reason: `stability: ${values.length} values watched, ${leastValues} needed`,
    };
  }
  const warmUp = findWarmUp(values);
  const steady = warmUp.kind === 'steady';
  const cut = steady ? warmUp.cut : Math.floor(values.length * fallbackCut);
  const rest = values.slice(cut);
  return {
    kind: 'judged',
    cut,
    steady,
    standardDeviation: standardDeviation(rest),
    median: median(rest),
  };
}

/** Whether a latency or throughput drifts while the load stays the same. */
export type Drift =
  | {
      kind: 'judged';
      drifting: boolean;
      /** Change per minute, as a share of the median, with its 95 % interval. */
      perMinute: number;
      ci95: [number, number];
      /** Change over the whole time, as a share of where it began. */
      total: number;
      minutes: number;
      sentence: string;
    }
  | { kind: 'not judged'; reason: string };

const leastDriftValues = 12;
const leastDrift = 0.1;

/**
 * Judges drift by the Theil-Sen slope over time with the autocorrelation-corrected Mann-Kendall test: it drifts when the trend
 * is significant (two-sided p < 0.01), its interval excludes zero, and it comes to more than 10 % of the median in all.
 *
 * @param t seconds. @param values of equal intervals after warm-up; null where there is none.
 */
export function judgeDrift(
  t: readonly number[],
  values: readonly (number | null)[],
  what = 'latency',
): Drift {
  const points = t
    .map((time, i) => ({ time, value: values[i] ?? null }))
    .filter((point): point is { time: number; value: number } => point.value !== null);
  if (points.length < leastDriftValues) {
    return {
      kind: 'not judged',
      reason: `drift: ${points.length} intervals watched, ${leastDriftValues} needed`,
    };
  }
  const y = points.map((point) => point.value);
  const middle = median(y);
  const trend = mannKendall(y, { least: 1 });
  const line = theilSen(
    points.map((point) => point.time / 60),
    y,
    { varianceFactor: trend.varianceFactor },
  );
  if (!line?.ci95 || !(middle > 0)) {
    return { kind: 'not judged', reason: 'drift: no time passed or nothing was measured' };
  }
  const minutes = (points.at(-1)!.time - points[0]!.time) / 60;
  const perMinute = line.slope / middle;
  const ci95: [number, number] = [line.ci95[0] / middle, line.ci95[1] / middle];
  const rise = perMinute * minutes;
  // Of where it began, not of the middle: a fall of more than all there was cannot be.
  const total = Math.abs(rise) < 1.9 ? rise / (1 - rise / 2) : rise;
  const significant = Math.min(trend.pRise, 1 - trend.pRise) < 0.005 && (ci95[0] > 0 || ci95[1] < 0);
  const drifting = significant && Math.abs(rise) > leastDrift;
  const by = `${total < 0 ? '−' : '+'}${Math.abs(100 * total).toFixed(1)} %`;
  const over = minutes >= 1 ? `${Number(minutes.toPrecision(2))} minutes` : `${Math.round(minutes * 60)} s`;
  return {
    kind: 'judged',
    drifting,
    perMinute,
    ci95,
    total,
    minutes,
    sentence: drifting
      ? `The ${what} drifted by ${by} in ${over} under the same load.`
      : `No drift of the ${what} is shown (${by} in ${over}).`,
  };
}
