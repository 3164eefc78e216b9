import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import {
  batchMeans,
  batchMeansInterval,
  mean,
  meanInterval,
  median,
  medianDeviation,
  standardDeviation,
  sum,
} from './moments.js';
import { rateInterval } from './rate-interval.js';

describe('moments', () => {
  it('sums small numbers after a large one', () => {
    expect(sum([1e16, 1, 1, 1, 1, -1e16])).toBe(4);
  });

  it('has the textbook values', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(mean(values)).toBe(5);
    expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(medianDeviation([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 12);
    expect(standardDeviation([5])).toBe(0);
    expect(median([])).toBeNaN();
  });

  it('leaves out a last batch that is not full', () => {
    expect(batchMeans([1, 3, 5, 7, 100], 2)).toEqual([2, 6]);
  });
});

describe('the interval of a mean', () => {
  it('is SciPy 1.17.1’s (stats.t.interval)', () => {
    const [low, high] = meanInterval([1.2, 3.4, 2.2, 5.1, 4.4, 2.9])!;
    expect(low).toBeCloseTo(1.702576322342267, 10);
    expect(high).toBeCloseTo(4.697423677657731, 10);
    expect(meanInterval([1])).toBeNull();
  });

  it('covers the mean of an autocorrelated series where the plain one does not', () => {
    const random = seededRandom('batch means');
    const runs = 400;
    const covered = { plain: 0, batches: 0 };
    for (let run = 0; run < runs; run++) {
      let value = 0;
      const series = Array.from({ length: 1000 }, () => (value = 0.8 * value + random.normal(0, 1)));
      const holdsZero = (interval: [number, number] | null) => interval![0] <= 0 && 0 <= interval![1];
      if (holdsZero(meanInterval(series))) covered.plain++;
      if (holdsZero(batchMeansInterval(series))) covered.batches++;
    }
    expect(covered.plain / runs).toBeLessThan(0.6);
    expect(covered.batches / runs).toBeGreaterThan(0.9);
  });
});

describe('the interval of a rate', () => {
  // SciPy 1.17.1: binomtest(k, n).proportion_ci(method='wilson').
  it.each([
    [0, 10, 0, 0.27753279986288926],
    [95, 100, 0.8882495307680809, 0.978456320845632],
    [999, 1000, 0.9943574414020421, 0.9998234536293739],
    [5, 5, 0.5655175352168251, 1],
  ])('%d of %d', (successes, trials, low, high) => {
    const interval = rateInterval(successes, trials);
    expect(interval[0]).toBeCloseTo(low, 10);
    expect(interval[1]).toBeCloseTo(high, 10);
  });

  it('knows nothing of no trials and refuses what cannot be', () => {
    expect(rateInterval(0, 0)).toEqual([0, 1]);
    expect(() => rateInterval(6, 5)).toThrow(/between 0 and 5 successes, got 6/);
  });
});
