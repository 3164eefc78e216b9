import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { compareSeries, compareValues, sliceMeans } from './stored-comparison.js';

/** Slices of a run: autocorrelated noise around a level. */
function slices(seed: string, level: number, noise = 0.03, count = 30): number[] {
  const random = seededRandom(seed);
  let drift = 0;
  return Array.from({ length: count }, () => {
    drift = 0.5 * drift + random.normal(0, noise);
    return level * Math.exp(drift);
  });
}

const compare = (metric: string, a: (number | null)[], b: (number | null)[]) =>
  compareSeries(metric, a, b, { random: seededRandom('stored'), resamples: 400 });

describe('two stored series', () => {
  it('of one build are equivalent, of a much slower one a regression', () => {
    const verdicts = Array.from({ length: 30 }, (_, run) => [
      compare('latency.p50', slices(`a${run}`, 2), slices(`b${run}`, 2)).verdict,
      compare('latency.p50', slices(`a${run}`, 2), slices(`b${run}`, 2.8)).verdict,
      compare('throughput', slices(`a${run}`, 100), slices(`b${run}`, 140)).verdict,
    ]);
    expect(verdicts.filter(([same]) => same === 'equivalent').length).toBeGreaterThanOrEqual(28);
    expect(verdicts.filter(([, slower]) => slower === 'regression').length).toBe(30);
    expect(verdicts.filter(([, , more]) => more === 'improvement').length).toBe(30);
  });

  it('with an interval that holds the truth', () => {
    let held = 0;
    for (let run = 0; run < 100; run++) {
      const [low, high] = compare('latency.p50', slices(`c${run}`, 2), slices(`d${run}`, 2.2)).ci95!;
      if (low <= 1.1 && 1.1 <= high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(86);
  });

  it('is inconclusive on few slices', () => {
    const found = compare('latency.p50', [1, 2, null, 3], slices('e', 2));
    expect(found).toMatchObject({
      verdict: 'inconclusive',
      reason: '3 slices stored, 10 needed in both runs',
    });
  });

  it('judges no metric that is neither good nor bad', () => {
    expect(compare('offered_rate', slices('f', 1), slices('g', 9))).toMatchObject({
      verdict: 'inconclusive',
    });
  });
});

describe('two stored values', () => {
  const value = (middle: number, share: number) => ({
    value: middle,
    ci95: [middle * (1 - share), middle * (1 + share)] as const,
  });

  it.each([
    ['latency.p50', value(2, 0.01), value(2.02, 0.01), 'equivalent'],
    ['latency.p50', value(2, 0.01), value(2.6, 0.01), 'regression'],
    ['latency.p50', value(2, 0.01), value(1.5, 0.01), 'improvement'],
    ['latency.p50', value(2, 0.2), value(2.2, 0.2), 'inconclusive'],
    ['throughput', value(100, 0.02), value(70, 0.02), 'regression'],
    ['throughput', { value: 100 }, value(70, 0.02), 'inconclusive'],
    ['throughput', { value: null }, value(70, 0.02), 'inconclusive'],
    ['throughput', value(100, 0.02), { value: 0, ci95: null }, 'inconclusive'],
  ])('%s', (metric, a, b, verdict) => {
    expect(compareValues(metric, a, b).verdict).toBe(verdict);
  });

  it('combines the intervals: the ratio of two halves is known root two worse', () => {
    const { ci95, ratio } = compareValues('latency.p50', value(2, 0.01), value(2, 0.01));
    expect(ratio).toBe(1);
    expect(ci95![1]).toBeCloseTo(1 + 0.01 * Math.SQRT2, 3);
  });
});

it('slices a series by time', () => {
  expect(sliceMeans([5, 6, 14.9, 15, 40], [1, 3, null, 7, 9], 10)).toEqual([2, 7, null, 9]);
  expect(sliceMeans([], [], 10)).toEqual([]);
});

describe('values of short runs', () => {
  const before = { value: 2.4, ci95: [2.3, 2.5] as const };
  const verdict = (value: number, metric = 'latency.p50') =>
    compareValues(metric, before, { value, ci95: [value * 0.96, value * 1.04] }, { short: true }).verdict;

  it('are different only where they have doubled: runs of seconds differ by tens of percent', () => {
    expect([2.4, 3.4, 4.2, 5.9, 0.9].map((value) => verdict(value))).toEqual([
      'equivalent',
      'equivalent',
      'equivalent',
      'regression',
      'improvement',
    ]);
  });

  it('that are shares are judged as ever', () => {
    const share = (value: number) => ({ value, ci95: [value - 0.002, value + 0.002] as const });
    expect(compareValues('success_rate', share(0.99), share(0.8), { short: true }).verdict).toBe(
      'regression',
    );
  });
});
