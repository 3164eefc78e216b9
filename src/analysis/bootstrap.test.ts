import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { bcaInterval, blockLength, blockResample } from './bootstrap.js';
import { mean } from './moments.js';

describe('block resampling', () => {
  it('keeps neighbours together and gives every place the same weight', () => {
    const random = seededRandom('blocks');
    const counts = new Array<number>(20).fill(0);
    let joined = 0;
    for (let run = 0; run < 5000; run++) {
      const places = blockResample(20, 5, random);
      expect(places.length).toBe(20);
      places.forEach((place, i) => {
        counts[place]!++;
        if (i > 0 && place === (places[i - 1]! + 1) % 20) joined++;
      });
    }
    expect(joined / 5000).toBeGreaterThanOrEqual(16);
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.15);
    expect(blockLength(1000)).toBe(10);
  });
});

describe('the BCa interval', () => {
  it('is near SciPy’s for a skewed sample', () => {
    // SciPy 1.17.1: stats.bootstrap((x,), np.mean, method='BCa', n_resamples=100000): (1.2, 5.15), (1.21, 5.12).
    const values = [0.2, 0.3, 0.5, 0.9, 1.1, 1.4, 2.2, 3.1, 5.5, 9.7];
    const [low, high] = bcaInterval(values, mean, { random: seededRandom('bca'), resamples: 20_000 })!;
    expect(Math.abs(low - 1.2)).toBeLessThan(0.06);
    expect(Math.abs(high - 5.14)).toBeLessThan(0.3);
  });

  it('knows nothing of too few or equal values', () => {
    expect(bcaInterval([1, 2], mean, { random: seededRandom(1) })).toBeNull();
    expect(bcaInterval([3, 3, 3, 3], mean, { random: seededRandom(1), resamples: 50 })).toEqual([3, 3]);
  });
});
