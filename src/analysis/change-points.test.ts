import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { findChangePoints, pooledTTest, type ChangePoint } from './change-points.js';
import { bestSplit } from './energy-split.js';

// Two series with their results in Apache Otava at its head of 2026 (its PairDistanceCalculator, and compute_change_points
// with window 50); the steps are large enough that its population standard deviation makes no difference.
const short = [
  10.01, 10.41, 10.37, 9.85, 9.91, 9.84, 10.17, 9.98, 10.22, 9.45, 10.47, 9.97, 11.2, 10.96, 10.89, 11.14,
  11.25, 10.94, 10.95, 11.21, 10.74, 10.55, 9.62, 9.3, 8.92, 9.26, 9.36, 9.14, 9.05, 9.51,
];
const long = [
  101.79, 99.53, 98.51, 100.77, 101.43, 99.4, 101.09, 102.09, 99.59, 98.37, 100.7, 100.5, 102.2, 97.43, 98.68,
  98.32, 96.53, 100.25, 101.06, 98.52, 102.77, 101.64, 101.25, 100.8, 101.91, 97.34, 101.23, 101.21, 96.46,
  100.69, 99.5, 101.56, 99.12, 99.96, 100.69, 98.25, 101.2, 99.79, 100.98, 98.96, 102.17, 101.21, 99.64,
  101.26, 102.52, 113.58, 106.85, 111.77, 110.93, 109.81, 107.99, 112.51, 107.48, 111.13, 112.6, 106.8,
  109.39, 107.38, 110.49, 113.03, 114.05, 106.44, 108.85, 111.41, 113.16, 110.84, 108.51, 110.59, 109.97,
  109.59, 108.53, 110.77, 110.62, 109.81, 109.56, 107.43, 109.03, 112.41, 109.62, 107.12, 112.67, 111.06,
  114.22, 110.13, 109.08, 101.1, 106.65, 109.14, 102.36, 102.71, 105.19, 102.34, 103.46, 103.3, 104.38,
  106.19, 104.04, 105.84, 103.16, 104.66, 99.72, 101.1, 105.59, 102.82, 105.16, 105.08, 106.64, 105.62,
  106.03, 103.78, 102.6, 102.54, 103.02, 101.74, 102.91, 103.81, 104.5, 103.32, 100.15, 103.86, 104.45,
  106.17, 105.16, 102.71, 102.55, 108.02, 105.51, 107.66, 108.26, 102.36, 104.77, 104.92, 105.12, 105.08,
  104.4, 104.35, 101.0, 103.67, 102.5, 104.25,
];

describe('the energy split', () => {
  it('is Otava’s', () => {
    const split = bestSplit(short)!;
    expect(split.index).toBe(22);
    expect(split.energy).toBeCloseTo(8.837904761904763, 10);
  });

  it('does not depend on shift, scales with scale, and mirrors nothing', () => {
    const series = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(
        series,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 5 }),
        (values, shift, scale) => {
          const plain = bestSplit(values)!;
          const moved = bestSplit(values.map((value) => scale * value + shift))!;
          expect(moved.energy).toBeCloseTo(scale * plain.energy, 6);
        },
      ),
    );
  });

  it('needs room on both sides', () => {
    expect(bestSplit([1, 2, 3, 4, 5], 3)).toBeNull();
    expect(bestSplit([1, 1, 1, 9, 9, 9], 3)).toMatchObject({ index: 3 });
    expect(bestSplit([])).toBeNull();
  });
});

it('has SciPy’s t-test (ttest_ind with equal variances)', () => {
  expect(pooledTTest(short.slice(0, 12), short.slice(12, 22))).toBeCloseTo(7.161965117150562e-8, 15);
  expect(pooledTTest([1], [2])).toBe(1);
  expect(pooledTTest([1, 1], [1, 1])).toBe(1);
  expect(pooledTTest([1, 1], [2, 2])).toBe(0);
});

function changes(history: readonly (number | null)[]): ChangePoint[] {
  const found = findChangePoints(history);
  if (found.kind !== 'judged') throw new Error(found.reason);
  return found.changes;
}

function history(seed: string, length: number, level: (i: number) => number, noise = 0.02): number[] {
  const random = seededRandom(seed);
  return Array.from({ length }, (_, i) => 100 * level(i) * (1 + random.normal(0, noise)));
}

describe('change points', () => {
  it('are Otava’s on a series with two steps', () => {
    expect(changes(short).map((change) => change.index)).toEqual([12, 22]);
    const found = changes(long);
    expect(found.map((change) => change.index)).toEqual([45, 85]);
    expect(found[0]!.before).toBeCloseTo(100.19711111111113, 9);
    expect(found[0]!.after).toBeCloseTo(110.18025, 9);
    expect(found[1]!.after).toBeCloseTo(104.13490909090909, 9);
    expect(found[0]!.change).toBeCloseTo(0.0996, 3);
  });

  it('a step of 5 % in noise of 2 % is found within 3 runs of its place in 95 of 100', () => {
    let near = 0;
    for (let run = 0; run < 100; run++) {
      const found = changes(history(`step ${run}`, 60, (i) => (i >= 30 ? 1.05 : 1)));
      if (found.some((change) => Math.abs(change.index - 30) <= 3)) near++;
    }
    expect(near).toBeGreaterThanOrEqual(95);
  });

  it.each([20, 60, 150])('at most 5 of 100 histories of %d runs of pure noise show any', (length) => {
    let any = 0;
    for (let run = 0; run < 100; run++)
      if (changes(history(`noise ${run}`, length, () => 1)).length > 0) any++;
    expect(any).toBeLessThanOrEqual(5);
  });

  it('a single wild run is none', () => {
    const values = history('wild', 60, (i) => (i === 40 ? 1.5 : 1));
    expect(changes(values)).toEqual([]);
  });

  it('leaves out what is smaller than the magnitude asked for', () => {
    const values = history('tiny', 100, (i) => (i >= 50 ? 1.05 : 1), 0.005);
    expect(changes(values).length).toBe(1);
    expect(findChangePoints(values, { minMagnitude: 0.1 })).toEqual({ kind: 'judged', changes: [] });
  });

  it('skips runs without a value and keeps the places of the others', () => {
    const values = history('gaps', 60, (i) => (i >= 30 ? 1.2 : 1));
    const gaps = values.flatMap((value, i) => (i % 3 === 0 ? [value, null] : [value]));
    const found = changes(gaps);
    expect(found.length).toBe(1);
    expect(gaps.indexOf(values[30]!)).toBe(found[0]!.index);
  });

  it('does not judge a short history', () => {
    expect(findChangePoints([1, 2, null])).toEqual({
      kind: 'not judged',
      reason: '2 runs in the history, 20 needed',
    });
  });

  it('stays quick on a long history', () => {
    expect(
      changes(history('long', 5000, (i) => (i >= 2500 ? 1.1 : 1))).map((change) => change.index),
    ).toEqual([expect.closeTo(2500, -1)]);
  });
});
