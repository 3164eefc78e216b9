import { studentCdf } from './distributions.js';
import { bestSplit } from './energy-split.js';
import { mean, variance } from './moments.js';

/** A place in a history where its level changed for good. */
export interface ChangePoint {
  /** The index of the first run after the change. */
  index: number;
  /** Mean levels of the stretches before and after, up to the neighbouring changes. */
  before: number;
  after: number;
  /** after/before − 1; null where before is 0. */
  change: number | null;
  /** Of the t-test between the two stretches. */
  pValue: number;
}

/** The bounds of a search for change points. */
export interface ChangePointOptions {
  /** Length of the sliding window; default 50. */
  window?: number;
  /** The relative change below which nothing is reported; default 0.02. */
  minMagnitude?: number;
  /** The largest p-value of a change; default 0.001, less in a long history. */
  maxPValue?: number;
}

/** What a history shows. */
export type HistoryFinding =
  { kind: 'judged'; changes: ChangePoint[] } | { kind: 'not judged'; reason: string };

const leastRuns = 20;
/** A single wild run is no change of level: both sides of a change have at least so many runs. */
const leastStretch = 3;
/** The level of a whole history, shared among its runs; tuned by simulation, see bench/analysis/change-points.js. */
const levelPerHistory = 0.04;

/**
 * Finds change points in a history of one metric, as Otava (Hunter) does: E-divisive splits in overlapping windows, tested by a
 * t-test at ten times the level; then the weakest are merged away until all are significant and large enough. Unlike Otava it
 * uses the sample standard deviation, asks for three runs on both sides, and tightens the level with the length of the history,
 * so that 1 to 2 of 100 histories of pure noise show any.
 *
 * Source: M. Fleming, P. Kołaczkowski et al., "Hunter: Using Change Point Detection to Hunt for Performance Regressions" (2023);
 * Matteson and James (2014).
 *
 * @param history values in order of time; null where a run has none.
 */
export function findChangePoints(
  history: readonly (number | null)[],
  { window = 50, minMagnitude = 0.02, maxPValue = 0.001 }: ChangePointOptions = {},
): HistoryFinding {
  const places: number[] = [];
  const values: number[] = [];
  history.forEach((value, i) => {
    if (value === null || !Number.isFinite(value)) return;
    places.push(i);
    values.push(value);
  });
  if (values.length < leastRuns) {
    return { kind: 'not judged', reason: `${values.length} runs in the history, ${leastRuns} needed` };
  }
  const level = Math.min(maxPValue, levelPerHistory / values.length);
  const kept = merge(
    values,
    candidates(values, Math.max(window, 2 * leastStretch), 10 * level),
    level,
    minMagnitude,
  );
  return { kind: 'judged', changes: kept.map((change) => ({ ...change, index: places[change.index]! })) };
}

/** All splits that look significant in some window. */
function candidates(values: readonly number[], window: number, level: number): number[] {
  const found = new Set<number>();
  const step = Math.floor(window / 2);
  for (let start = 0; start < values.length;) {
    const end = Math.min(start + window, values.length);
    const own = splitAll(values, start, end, level);
    for (const index of own) found.add(index);
    // The next window starts at the last change, if that is further than half a window.
    start = Math.max(own.at(-1) ?? 0, start + step);
  }
  return [...found].sort((a, b) => a - b);
}

/** Splits a stretch again and again while its best split is significant; ascending. */
function splitAll(values: readonly number[], start: number, end: number, level: number): number[] {
  const split = bestSplit(values.slice(start, end), leastStretch);
  if (split === null) return [];
  const index = start + split.index;
  if (compare(values, start, index, end).pValue > level) return [];
  return [...splitAll(values, start, index, level), index, ...splitAll(values, index, end, level)];
}

/** Removes the least significant, then the smallest, until all that is left is both significant and large. */
function merge(
  values: readonly number[],
  indices: readonly number[],
  level: number,
  minMagnitude: number,
): ChangePoint[] {
  let kept = [...indices];
  for (;;) {
    const changes = kept.map((index, i) =>
      compare(values, kept[i - 1] ?? 0, index, kept[i + 1] ?? values.length),
    );
    if (changes.length === 0) return [];
    const weakest = changes.reduce((a, b) => (b.pValue > a.pValue ? b : a));
    const smallest = changes.reduce((a, b) => (magnitude(b) < magnitude(a) ? b : a));
    if (weakest.pValue > level) kept = kept.filter((index) => index !== weakest.index);
    else if (magnitude(smallest) < minMagnitude) kept = kept.filter((index) => index !== smallest.index);
    else return changes;
  }
}

/** The larger of the relative changes forth and back, so that a halving counts as much as a doubling. */
function magnitude({ before, after }: ChangePoint): number {
  if (before === 0 || after === 0) return before === after ? 0 : Infinity;
  return Math.max(Math.abs(after / before - 1), Math.abs(before / after - 1));
}

function compare(values: readonly number[], start: number, index: number, end: number): ChangePoint {
  const left = values.slice(start, index);
  const right = values.slice(index, end);
  const before = mean(left);
  const after = mean(right);
  return {
    index,
    before,
    after,
    change: before === 0 ? null : after / before - 1,
    pValue: pooledTTest(left, right),
  };
}

/** The two-sided p-value of Student's t-test with pooled sample variance. */
export function pooledTTest(left: readonly number[], right: readonly number[]): number {
  const degrees = left.length + right.length - 2;
  if (degrees < 1) return 1;
  const pooled = ((left.length - 1) * variance(left) + (right.length - 1) * variance(right)) / degrees;
  const difference = Math.abs(mean(right) - mean(left));
  if (difference === 0) return 1;
  if (pooled === 0) return 0;
  const t = difference / Math.sqrt(pooled * (1 / left.length + 1 / right.length));
  return 2 * studentCdf(-t, degrees);
}
