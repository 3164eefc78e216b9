import { holm } from './holm.js';
import { traitsOf, type MetricTraits } from './metric-traits.js';
import { median } from './moments.js';
import { lookLevel, planLooks } from './pair-plan.js';
import { hodgesLehmann, signedRank, signedRankInterval } from './signed-rank.js';

/** Two blocks run one after the other, each with a fresh server process, in order of time. */
export interface Pair {
  /** Metrics by name; null where there is no value. */
  a: Readonly<Record<string, number | null>>;
  b: Readonly<Record<string, number | null>>;
  /** Why it does not count; see {@link voidReason}. */
  void?: string;
}

/** How B came out against A. */
export type ComparisonVerdict = 'regression' | 'improvement' | 'equivalent' | 'inconclusive';

/** One metric, compared. Ratios are B/A. */
export interface MetricComparison {
  metric: string;
  verdict: ComparisonVerdict;
  /** Hodges-Lehmann estimate of the ratio, with an interval that holds over all looks at the data. */
  ratio: number | null;
  ci95: [number, number] | null;
  /** The zone of equivalence is 1/(1+δ) to 1+δ. */
  delta: number;
  /** How far two blocks of the same build differ, as a relative standard deviation; null where it was not seen. */
  noise: number | null;
  /** p-value of a change beyond δ, adjusted by Holm over the metrics. */
  pValue: number;
  pairs: number;
  supporting: boolean;
}

/** A comparison, judged; or judged so far. */
export interface Comparison {
  verdict: ComparisonVerdict;
  metrics: MetricComparison[];
  /** Pairs that counted, and those that were void, by reason. */
  pairs: number;
  voided: Record<string, number>;
  /** How many pairs in all to reach before judging again; null when it is decided or the cap is reached. */
  continueTo: number | null;
  sentence: string;
}

/** The bounds of a comparison. */
export interface ComparisonOptions {
  /** Metrics to compare; those without a direction of goodness are left out. */
  metrics: readonly string[];
  /** The smallest relative change that matters to the user; default 0.03. */
  tolerance?: number;
  /** Default 10 and 40. */
  minPairs?: number;
  maxPairs?: number;
  /** Overrides of the traits of single metrics. */
  traits?: Readonly<Record<string, Partial<MetricTraits>>>;
}

/** The noise of a Hodges-Lehmann estimate is this many times inside δ, so that two equal builds mostly come out equivalent. */
const noiseReach = 4.5;
/** A ratio beyond this says no more than this; it lets a server that stopped answering be compared at all. */
const largestRatio = 1000;

/**
 * Judges paired blocks of two builds. Per metric: d = ln(B/A), Hodges-Lehmann, the exact signed-rank interval, and δ, the
 * larger of the user's tolerance and the noise seen between blocks of the same build (never more than half of the effect
 * that must be seen). Regression or improvement: the whole interval is beyond δ, after Holm over the metrics. Equivalent: it
 * lies within. Else inconclusive, and more pairs are asked for until the cap, at levels that keep the false-alarm rate over
 * all looks.
 *
 * Source: Hodges and Lehmann (1963); Holm (1979); Pocock (1977); equivalence as in Schuirmann (1987).
 */
export function comparePairs(pairs: readonly Pair[], options: ComparisonOptions): Comparison {
  const { tolerance = 0.03, minPairs = 10, maxPairs = 40 } = options;
  const looks = planLooks(minPairs, maxPairs);
  const alpha = lookLevel(looks.length);
  const counted = pairs.filter((pair) => pair.void === undefined);
  const voided: Record<string, number> = {};
  for (const pair of pairs) if (pair.void !== undefined) voided[pair.void] = (voided[pair.void] ?? 0) + 1;

  const drafts = options.metrics
    .map((metric) => ({ metric, traits: { ...traitsOf(metric), ...options.traits?.[metric] } }))
    .filter(({ traits }) => traits.direction !== 'none')
    .map(({ metric, traits }) => draft(metric, traits, counted, tolerance, 1 - alpha));
  const adjusted = holm(drafts.map((one) => one.result.pValue));
  const enough = counted.length >= minPairs;
  const metrics = drafts.map(({ result: one, direction, within }, i): MetricComparison => {
    const pValue = adjusted[i]!;
    const grew = (one.ratio ?? 1) > 1;
    let verdict: ComparisonVerdict = 'inconclusive';
    if (enough && one.ratio !== null && pValue <= alpha) {
      verdict = grew === (direction === 'lower') ? 'regression' : 'improvement';
    } else if (enough && within) verdict = 'equivalent';
    return { ...one, pValue, verdict };
  });
  const verdict = overall(
    metrics,
    drafts.map((one) => one.worseExcluded),
  );
  const next = looks.find((look) => look > counted.length);
  const continueTo = verdict === 'inconclusive' && next !== undefined ? next : null;
  return {
    verdict,
    metrics,
    pairs: counted.length,
    voided,
    continueTo,
    sentence: sentence(verdict, metrics, counted.length),
  };
}

function draft(
  metric: string,
  traits: MetricTraits,
  pairs: readonly Pair[],
  tolerance: number,
  confidence: number,
) {
  const logs: { a: number[]; b: number[]; d: number[] } = { a: [], b: [], d: [] };
  const cap = Math.log(largestRatio);
  for (const pair of pairs) {
    const a = pair.a[metric] ?? null;
    const b = pair.b[metric] ?? null;
    if (a === null || b === null || !(a >= 0) || !(b >= 0) || (a === 0 && b === 0)) continue;
    logs.d.push(Math.max(-cap, Math.min(cap, Math.log(b) - Math.log(a))));
    if (a > 0) logs.a.push(Math.log(a));
    if (b > 0) logs.b.push(Math.log(b));
  }
  const n = logs.d.length;
  const noise = blockNoise(logs.a, logs.b);
  const reach = noise === null || n === 0 ? 0 : Math.expm1((noiseReach * noise) / Math.sqrt(n));
  const delta = Math.max(traits.tolerance ?? tolerance, Math.min(reach, traits.effect / 2));
  const edge = Math.log1p(delta);
  const interval = signedRankInterval(logs.d, confidence);
  // Missing in more than half of the pairs: what is left is no fair sample.
  const usable = n > 0 && n >= pairs.length / 2;
  const above = signedRank(logs.d.map((d) => d - edge)).pAbove;
  const below = signedRank(logs.d.map((d) => d + edge)).pBelow;
  return {
    result: {
      metric,
      ratio: usable ? Math.exp(hodgesLehmann(logs.d)) : null,
      ci95: usable && interval ? ([Math.exp(interval[0]), Math.exp(interval[1])] as [number, number]) : null,
      delta,
      noise,
      pValue: usable ? Math.min(1, 2 * Math.min(above, below)) : 1,
      pairs: n,
      supporting: traits.supporting,
    },
    direction: traits.direction,
    within: usable && interval !== null && interval[0] > -edge && interval[1] < edge,
    worseExcluded:
      interval !== null && (traits.direction === 'lower' ? interval[1] < edge : interval[0] > -edge),
  };
}

/**
 * How far blocks of the same build differ: the spread (1.4826 · median |difference|) of logarithms of successive blocks,
 * which are A/A pairs at no cost. Null below four blocks.
 */
export function blockNoise(...builds: readonly (readonly number[])[]): number | null {
  const steps: number[] = [];
  for (const logs of builds) {
    for (let i = 1; i < logs.length; i++) steps.push(Math.abs(logs[i]! - logs[i - 1]!));
  }
  return steps.length < 4 ? null : 1.4826 * median(steps);
}

/**
 * A regression anywhere decides. An undecided main metric leaves the whole undecided, unless something improved and the
 * undecided ones are at least known not to be worse.
 */
function overall(metrics: readonly MetricComparison[], worseExcluded: readonly boolean[]): ComparisonVerdict {
  const has = (verdict: ComparisonVerdict) => metrics.some((metric) => metric.verdict === verdict);
  if (has('regression')) return 'regression';
  const anyMain = metrics.some((metric) => !metric.supporting);
  const deciding = metrics.map((metric, i) => ({ ...metric, safe: worseExcluded[i] === true }));
  const main = anyMain ? deciding.filter((metric) => !metric.supporting) : deciding;
  if (main.length === 0) return 'inconclusive';
  const undecided = main.filter((metric) => metric.verdict === 'inconclusive');
  const improved = has('improvement');
  if (undecided.length > 0 && !(improved && undecided.every((metric) => metric.safe))) return 'inconclusive';
  return improved ? 'improvement' : 'equivalent';
}

function sentence(verdict: ComparisonVerdict, metrics: readonly MetricComparison[], pairs: number): string {
  const shown = metrics
    .filter((metric) => metric.verdict === verdict && metric.ratio !== null)
    .map((metric) => {
      const interval = metric.ci95 ? ` (${change(metric.ci95[0])} to ${change(metric.ci95[1])})` : '';
      return `${metric.metric} ${change(metric.ratio!)}${interval}`;
    });
  const what = {
    regression: 'B is worse',
    improvement: 'B is better',
    equivalent: 'No difference that matters',
    inconclusive: 'Not decided: the noise is wider than the question',
  }[verdict];
  const list = shown.length > 0 ? `: ${shown.join(', ')}` : '';
  return `${what}, ${pairs} pair${pairs === 1 ? '' : 's'}${list}.`;
}

function change(ratio: number): string {
  const percent = 100 * (ratio - 1);
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}
