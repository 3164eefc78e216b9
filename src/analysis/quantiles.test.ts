import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import {
  bucketPercentile,
  quantileCiRanks,
  samplesForInterval,
  samplesForValue,
  sortedPercentile,
  type CumulativeBuckets,
} from './quantiles.js';

function bucketsOf(samples: readonly number[]): CumulativeBuckets {
  const counts = new Map<number, number>();
  for (const sample of samples) counts.set(sample, (counts.get(sample) ?? 0) + 1);
  let cumulative = 0;
  return [...counts.entries()]
    .sort((a, b) => a[0] - b[0])
    .map(([value, count]) => ({ value, cumulative: (cumulative += count) }));
}

const ascending = (samples: readonly number[]) => [...samples].sort((a, b) => a - b);

describe('sample rules', () => {
  it.each([
    [0.5, 1, 6],
    [0.9, 10, 36],
    [0.95, 20, 72],
    [0.99, 100, 368],
    [0.999, 1000, 3688],
  ])('quantile %d needs %d samples for a value and %d for an interval', (q, value, interval) => {
    expect(samplesForValue(q)).toBe(value);
    expect(samplesForInterval(q)).toBe(interval);
    expect(quantileCiRanks(interval - 1, q)).toBeNull();
    expect(quantileCiRanks(interval, q)![1]).toBe(interval);
  });

  it('gives null below and the value from then on', () => {
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    expect(sortedPercentile(upTo(19), 0.95)).toEqual({ value: null, ci95: null });
    expect(sortedPercentile(upTo(20), 0.95)).toEqual({ value: 19, ci95: null });
    expect(sortedPercentile(upTo(100), 0.99)).toEqual({ value: 99, ci95: null });
    expect(sortedPercentile(upTo(1000), 0.999).value).toBe(999);
    expect(sortedPercentile([], 0.5)).toEqual({ value: null, ci95: null });
    expect(bucketPercentile([], 0.5)).toEqual({ value: null, ci95: null });
  });

  it('refuses what is no quantile', () => {
    expect(() => sortedPercentile([1], 95)).toThrow(/quantile between 0 and 1, got 95/);
  });
});

describe('ranks of the interval', () => {
  // SciPy 1.17.1: the smallest k with binom.cdf(k, n, q) > 0.025, and 1 + the smallest with cdf ≥ 0.975.
  it.each([
    [72, 0.5, 28, 45],
    [100, 0.5, 40, 61],
    [100, 0.95, 90, 100],
    [400, 0.95, 371, 389],
    [400, 0.99, 392, 400],
    [1000, 0.99, 983, 997],
    [100000, 0.5, 49690, 50311],
    [100000, 0.99, 98938, 99062],
  ])('%d samples at %d: %d to %d', (n, q, lower, upper) => {
    expect(quantileCiRanks(n, q)).toEqual([lower, upper]);
  });

  it('is quick and narrow for ten million samples', () => {
    const [lower, upper] = quantileCiRanks(10_000_000, 0.999)!;
    // Normal approximation: 1.96 · sqrt(n q (1 − q)) = 195.9.
    expect(9_990_000 - lower).toBeGreaterThan(190);
    expect(9_990_000 - lower).toBeLessThan(200);
    expect(upper - 9_990_000).toBeGreaterThan(190);
    expect(upper - 9_990_000).toBeLessThan(200);
  });

  it('covers the true p95 of a skewed distribution at least 95 times of 100, but not always', () => {
    const random = seededRandom('coverage');
    const truth = -Math.log(0.05);
    const runs = 1000;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const sample = ascending(Array.from({ length: 200 }, () => random.exponential(1)));
      const [low, high] = sortedPercentile(sample, 0.95).ci95!;
      if (low <= truth && truth <= high) covered++;
    }
    // Three standard errors of 1,000 runs below 0.95; above it the interval would be uselessly wide.
    expect(covered / runs).toBeGreaterThan(0.93);
    expect(covered / runs).toBeLessThan(0.985);
  });
});

describe('histograms', () => {
  const samples = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 500 });
  const quantile = fc.constantFrom(0.5, 0.9, 0.95, 0.99);

  it('agree with sorted samples', () => {
    fc.assert(
      fc.property(samples, quantile, (values, q) => {
        expect(bucketPercentile(bucketsOf(values), q)).toEqual(sortedPercentile(ascending(values), q));
      }),
    );
  });

  it('merge: the percentile of a merged histogram lies between those of its parts', () => {
    fc.assert(
      fc.property(samples, samples, quantile, (a, b, q) => {
        const [pa, pb] = [a, b].map((part) => bucketPercentile(bucketsOf(part), q).value);
        const merged = bucketPercentile(bucketsOf([...a, ...b]), q).value;
        if (pa === null || pb === null || pa === undefined || pb === undefined) return;
        expect(merged).toBeGreaterThanOrEqual(Math.min(pa, pb));
        expect(merged).toBeLessThanOrEqual(Math.max(pa, pb));
      }),
    );
  });

  it('the interval holds the value and grows no narrower with more confidence', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 20_000 }),
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        (n, q) => {
          const at95 = quantileCiRanks(n, q, 0.95);
          const at99 = quantileCiRanks(n, q, 0.99);
          if (at95 === null) {
            expect(at99).toBeNull();
            return;
          }
          expect(at95[0]).toBeLessThanOrEqual(Math.ceil(q * n));
          expect(at95[1]).toBeGreaterThanOrEqual(Math.ceil(q * n));
          if (at99 === null) return;
          expect(at99[0]).toBeLessThanOrEqual(at95[0]);
          expect(at99[1]).toBeGreaterThanOrEqual(at95[1]);
        },
      ),
    );
  });
});
