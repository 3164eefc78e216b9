import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/index.js';
import { drawServiceTime, type ServiceDistribution } from './service-time.js';

const draws = (distribution: ServiceDistribution, count = 20_000) => {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => drawServiceTime(distribution, 20, random));
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

describe('service times', () => {
  // 20,000 draws: the standard error of the mean is deviation / 141, so 3 % is more than 4 of them everywhere.
  it.each<[ServiceDistribution, number]>([
    [{ kind: 'constant' }, 0],
    // Uniform on [0, 40]: 40 / √12.
    [{ kind: 'uniform', spread: 1 }, 11.547],
    [{ kind: 'uniform', spread: 0.25 }, 2.887],
    [{ kind: 'exponential' }, 20],
    // Mean · √(exp(σ²) − 1).
    [{ kind: 'lognormal', sigma: 0.5 }, 10.658],
  ])('of %o have the mean of the knob and their textbook deviation', (distribution, expected) => {
    const values = draws(distribution);
    expect(Math.abs(mean(values) - 20)).toBeLessThan(0.6);
    expect(Math.abs(deviation(values) - expected)).toBeLessThan(0.03 * 20);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  });

  it('of two modes are one or the other', () => {
    const values = draws({ kind: 'bimodal', share: 0.1, ms: 50 });
    expect(new Set(values)).toEqual(new Set([20, 50]));
    // Binomial: 2,000 ± 4 · √(20,000 · 0.1 · 0.9).
    expect(Math.abs(values.filter((value) => value === 50).length - 2000)).toBeLessThan(170);
  });

  it('are the same for the same seed', () => {
    expect(draws({ kind: 'exponential' }, 50)).toEqual(draws({ kind: 'exponential' }, 50));
  });
});
