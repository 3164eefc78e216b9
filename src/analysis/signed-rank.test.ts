import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { holm } from './holm.js';
import { hodgesLehmann, signedRank, signedRankInterval } from './signed-rank.js';

// Hollander and Wolfe (1973), p. 29: depression scores; the example of R's wilcox.test.
const depression = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];

describe('the signed-rank test', () => {
  it('is R’s and SciPy’s for the depression scores: V = 40, p = 0.01953 one-sided', () => {
    const found = signedRank(depression);
    expect(found.statistic).toBe(40);
    expect(found.pAbove).toBeCloseTo(0.01953125, 12);
    expect(found.pBelow).toBeCloseTo(0.986328125, 12);
    expect(hodgesLehmann(depression)).toBeCloseTo(0.46, 12);
    expect(signedRankInterval(depression)).toEqual([expect.closeTo(0.01, 12), expect.closeTo(0.786, 12)]);
  });

  it('is exact with ties (by counting all 256 signs)', () => {
    const found = signedRank([1, 2, 2, -3, 4, 4, -5, 6]);
    expect(found.statistic).toBe(25);
    expect(found.pAbove).toBeCloseTo(0.1796875, 12);
    expect(found.pBelow).toBeCloseTo(0.828125, 12);
  });

  it('goes over to the normal distribution smoothly', () => {
    const random = seededRandom('normal');
    const values = Array.from({ length: 61 }, () => random.normal(0.2, 1));
    expect(signedRank(values).pAbove).toBeCloseTo(signedRank(values.slice(0, 60)).pAbove, 1);
    const wide = signedRankInterval(values)!;
    const exact = signedRankInterval(values.slice(0, 60))!;
    expect(Math.abs((wide[1] - wide[0]) / (exact[1] - exact[0]) - 1)).toBeLessThan(0.1);
  });

  it('says nothing of nothing, and has no interval below six values', () => {
    expect(signedRank([0, 0])).toEqual({ statistic: 0, pAbove: 1, pBelow: 1 });
    expect(signedRankInterval([1, 2, 3, 4, 5])).toBeNull();
    expect(signedRankInterval([1, 2, 3, 4, 5, 6])).toEqual([1, 6]);
    expect(signedRankInterval([])).toBeNull();
    expect(hodgesLehmann([])).toBeNaN();
  });

  it('covers the centre of normal noise 95 times of 100 with ten values', () => {
    const random = seededRandom('cover');
    let covered = 0;
    for (let run = 0; run < 1000; run++) {
      const [low, high] = signedRankInterval(Array.from({ length: 10 }, () => random.normal(3, 1)))!;
      if (low <= 3 && 3 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(930);
    expect(covered).toBeLessThan(975);
  });
});

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 6, maxLength: 30 });

describe('Hodges and Lehmann', () => {
  it('moves with shift and scale, and the interval with it', () => {
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 8 }),
        (list, shift, scale) => {
          const moved = list.map((value) => scale * value + shift);
          expect(hodgesLehmann(moved)).toBeCloseTo(scale * hodgesLehmann(list) + shift, 9);
          const [low, high] = signedRankInterval(list)!;
          const interval = signedRankInterval(moved)!;
          expect(interval[0]).toBeCloseTo(scale * low + shift, 9);
          expect(interval[1]).toBeCloseTo(scale * high + shift, 9);
        },
      ),
    );
  });

  it('turns with the sign, lies in its interval, between the extremes', () => {
    fc.assert(
      fc.property(values, (list) => {
        const centre = hodgesLehmann(list);
        expect(hodgesLehmann(list.map((value) => -value))).toBeCloseTo(-centre, 9);
        const [low, high] = signedRankInterval(list)!;
        expect(low).toBeLessThanOrEqual(centre);
        expect(high).toBeGreaterThanOrEqual(centre);
        expect(low).toBeGreaterThanOrEqual(Math.min(...list));
        expect(high).toBeLessThanOrEqual(Math.max(...list));
      }),
    );
  });
});

describe('Holm', () => {
  it('has the values of R’s p.adjust', () => {
    // p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm"): 0.04 0.06 0.06 0.06
    expect(holm([0.01, 0.04, 0.03, 0.02])).toEqual(
      [0.04, 0.06, 0.06, 0.06].map((p) => expect.closeTo(p, 12)),
    );
    expect(holm([])).toEqual([]);
  });

  it('keeps the order, never lowers a p-value, treats the least as Bonferroni does', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (list) => {
        const adjusted = holm(list);
        if (list.length > 0) {
          const least = Math.min(...list);
          expect(Math.min(...adjusted)).toBeCloseTo(Math.min(1, least * list.length), 12);
        }
        list.forEach((p, i) => {
          expect(adjusted[i]!).toBeGreaterThanOrEqual(p);
          list.forEach((q, j) => {
            if (p <= q) expect(adjusted[i]!).toBeLessThanOrEqual(adjusted[j]!);
          });
        });
      }),
    );
  });
});
