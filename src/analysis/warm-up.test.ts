import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { findWarmUp } from './warm-up.js';

function series(n: number, level: (i: number) => number, noise = 1, seed = 'warm-up'): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, (_, i) => level(i) + random.normal(0, noise));
}

describe('MSER-5', () => {
  it('has the values computed by hand', () => {
    // Batch means 10, 4, then 2, 1, 2, 1, 2, 1, 2, 1: MSER is least after the second of them.
    const means = [10, 4, 2, 1, 2, 1, 2, 1, 2, 1];
    expect(findWarmUp(means.flatMap((value) => Array<number>(5).fill(value)))).toEqual({
      kind: 'steady',
      cut: 10,
    });
  });

  it('cuts a slow beginning, within a few batches of its end', () => {
    for (let run = 0; run < 50; run++) {
      const found = findWarmUp(series(500, (i) => (i < 60 ? 20 - i / 6 : 10), 1, `step ${run}`));
      expect(found.kind).toBe('steady');
      if (found.kind === 'steady') {
        expect(found.cut).toBeGreaterThanOrEqual(40);
        expect(found.cut).toBeLessThanOrEqual(150);
      }
    }
  });

  it('cuts little of a series that is steady from the start', () => {
    const cuts = Array.from({ length: 50 }, (_, run) => findWarmUp(series(500, () => 10, 1, `flat ${run}`)));
    const small = cuts.filter((found) => found.kind === 'steady' && found.cut <= 150);
    expect(small.length).toBeGreaterThanOrEqual(40);
  });

  it('says so when there is no steady state', () => {
    for (let run = 0; run < 50; run++) {
      expect(findWarmUp(series(500, (i) => i / 20, 1, `trend ${run}`)).kind).toBe('no steady state');
    }
  });

  it('does not say so of short pure noise', () => {
    const found = Array.from({ length: 200 }, (_, run) =>
      findWarmUp(series(100, () => 10, 1, `short ${run}`)),
    );
    expect(found.filter((one) => one.kind !== 'steady').length).toBeLessThan(20);
  });

  it('does not judge what it saw too little of', () => {
    expect(findWarmUp(series(49, () => 1))).toEqual({
      kind: 'not judged',
      reason: 'warm-up: 49 intervals watched, 50 needed',
    });
  });

  it('cuts nothing of a constant series', () => {
    expect(findWarmUp(Array<number>(100).fill(3))).toEqual({ kind: 'steady', cut: 0 });
  });
});
