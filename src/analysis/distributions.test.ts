import { describe, expect, it } from 'vitest';
import { binomialCdf, normalCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.js';
import { logGamma } from './special-functions.js';

// Reference values: SciPy 1.17.1 (scipy.stats.norm, t, binom; scipy.special.gammaln).
const close = (actual: number, expected: number, relative = 1e-9) => {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(relative);
};

describe('distributions against SciPy', () => {
  it.each([
    [-6, 9.865876450376946e-10],
    [-3.3, 0.00048342414238377744],
    [-1, 0.15865525393145707],
    [0.5, 0.6914624612740131],
    [6, 0.9999999990134123],
  ])('normal: P(Z ≤ %d)', (z, p) => {
    close(normalCdf(z), p);
  });

  it.each([
    [1e-12, -7.034483825301131],
    [0.001, -3.090232306167813],
    [0.3, -0.5244005127080409],
    [0.975, 1.959963984540054],
    [0.9999, 3.719016485455709],
  ])('normal: quantile of %d', (p, z) => {
    close(normalQuantile(p), z);
  });

  it.each([
    [2.2281388519649385, 10, 0.9749999999990957],
    [-1.3, 3, 0.14223375436394853],
    [0.4, 1.5, 0.630639530998568],
    [5, 200, 0.9999993749009362],
  ])('Student: P(T ≤ %d) with %d degrees', (t, degrees, p) => {
    close(studentCdf(t, degrees), p);
  });

  it.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 9, 2.262157162798205],
    [0.995, 30, 2.7499956535672254],
    [0.9, 4.7, 1.4901550815168034],
  ])('Student: quantile of %d with %d degrees', (p, degrees, t) => {
    close(studentQuantile(p, degrees), t);
    close(studentQuantile(1 - p, degrees), -t);
  });

  it.each([
    [3, 10, 0.5, 0.171875],
    [940, 1000, 0.95, 0.0867321783848618],
    [989950, 1000000, 0.99, 0.308985341980528],
    [9990001, 10000000, 0.999, 0.5053231895506648],
  ])('binomial: P(B ≤ %d) of %d at %d', (k, n, p, expected) => {
    close(binomialCdf(k, n, p), expected, 1e-6);
  });

  it.each([
    [0.1, 2.252712651734206],
    [3, 0.6931471805599453],
    [50.5, 146.51925549072064],
    [1e7, 151180949.36947393],
  ])('log gamma of %d', (x, expected) => {
    close(logGamma(x), expected, 1e-12);
  });

  it('refuses what is no probability', () => {
    expect(() => normalQuantile(1.1)).toThrow(/between 0 and 1/);
    expect(() => studentQuantile(1, 3)).toThrow(/between 0 and 1/);
  });
});
