import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { floorOf, type ResourceSample } from './floor.js';
import { judgeLeak, type LeakQuestion } from './leak.js';
import { mannKendall } from './mann-kendall.js';
import { midranks } from './ranks.js';
import { theilSen } from './theil-sen.js';

const autocorrelated = [
  0.0, 0.4, 0.11, -0.65, -0.62, -1.11, -0.3, 1.5, 0.79, 0.27, 1.11, 1.52, 1.56, 0.59, 0.94, 1.92, 0.51, 0.59,
  -0.77, -0.93, -1.54, -0.26, -0.48, 0.96, 1.75, 1.93, -0.26, 0.44, 1.4, 2.17,
];
const white = [
  -1.53, -0.43, -0.88, -0.66, 1.26, -0.56, 0.27, 1.23, -0.18, 0.34, 0.61, 0.61, -0.63, 0.73, 2.06, -0.8, 1.66,
  0.97, 0.26, 2.95,
];
const ties = [1, 1, 2, 2, 3, 3, 3, 4, 5, 5, 4, 6];

describe('Mann-Kendall by Hamed and Rao', () => {
  // Reference: pymannkendall 1.4.3, hamed_rao_modification_test.
  it.each([
    ['autocorrelated', autocorrelated, 91, 5915.064931019137, 1.1702071606016977],
    ['white', white, 81, 799.2361330958977, 2.8297784311973966],
    ['ties', ties, 55, 205, 3.7715235971557224],
  ])('%s', (_, values, s, variance, z) => {
    const trend = mannKendall(values);
    expect(trend.s).toBe(s);
    expect(trend.variance).toBeCloseTo(variance, 6);
    expect(trend.z).toBeCloseTo(z, 8);
  });

  it('can be kept from being bolder than the plain test', () => {
    expect(mannKendall(white, { least: 1 }).z).toBeCloseTo(2.596909892644782, 8);
  });

  it('sees no trend in constants and short series', () => {
    expect(mannKendall([4, 4, 4, 4, 4, 4]).pRise).toBe(0.5);
    expect(mannKendall([]).z).toBe(0);
  });

  it('raises fewer false alarms than the plain test on an autocorrelated series', () => {
    const random = seededRandom('mk');
    const alarms = { plain: 0, corrected: 0 };
    const runs = 300;
    for (let run = 0; run < runs; run++) {
      let value = 0;
      const series = Array.from({ length: 40 }, () => (value = 0.6 * value + random.normal(0, 1)));
      const { s, pRise, varianceFactor } = mannKendall(series);
      if (pRise < 0.05) alarms.corrected++;
      const plain = mannKendall(series).z * Math.sqrt(varianceFactor);
      if (s > 0 && plain > 1.645) alarms.plain++;
    }
    expect(alarms.plain / runs).toBeGreaterThan(0.12);
    expect(alarms.corrected).toBeLessThan(0.7 * alarms.plain);
  });
});

describe('Theil-Sen', () => {
  it('is SciPy 1.17.1’s theilslopes', () => {
    const x = [1, 2, 3.5, 4, 6, 7, 9, 10, 12.5, 13];
    const y = [2.1, 1.9, 4.4, 3.0, 6.5, 6.9, 30, 9.8, 11.9, 13.2];
    const line = theilSen(x, y)!;
    expect(line.slope).toBeCloseTo(0.9263157894736841, 12);
    expect(line.ci95![0]).toBeCloseTo(0.8307692307692308, 12);
    expect(line.ci95![1]).toBeCloseTo(1.1333333333333335, 12);
    const tied = theilSen([...ties.keys()], ties)!;
    expect(tied.slope).toBeCloseTo(0.4772727272727273, 12);
    expect(tied.ci95).toEqual([expect.closeTo(1 / 3, 12), 0.5]);
  });

  it('gives nothing where there is nothing to fit', () => {
    expect(theilSen([], [])).toBeNull();
    expect(theilSen([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(theilSen([1, 2], [3, 5])).toEqual({ slope: 2, ci95: null, intercept: 1 });
  });

  it('moves with shift and scale of y', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: -50, max: 50 })), {
      minLength: 3,
      maxLength: 25,
    });
    fc.assert(
      fc.property(
        points,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: -99, max: 99 }),
        (pairs, scale, shift) => {
          const x = pairs.map((pair) => pair[0]);
          const y = pairs.map((pair) => pair[1]);
          const plain = theilSen(x, y);
          const moved = theilSen(
            x,
            y.map((value) => scale * value + shift),
          );
          if (plain === null) expect(moved).toBeNull();
          else expect(moved!.slope).toBeCloseTo(scale * plain.slope, 9);
        },
      ),
    );
  });
});

it('shares ranks among ties', () => {
  expect(midranks([10, 20, 20, 5])).toEqual([2, 3.5, 3.5, 1]);
});

it('takes the low of each window, losing none', () => {
  const samples = [5, 3, 4, 9, 8, 7, 2].map((value, t) => ({ t, calls: t, value }));
  expect(floorOf(samples, 2).map((sample) => sample.value)).toEqual([3, 2]);
});

/** A process as it looks from outside: heap that finds its size, saw-tooth of garbage, kept bytes, measuring noise. */
function memory(options: {
  seed: string;
  kept?: number;
  calls?: number;
  garbage?: number;
  growth?: number;
  samples?: number;
}): ResourceSample[] {
  const { seed, kept = 0, calls = 40_000, garbage = 25e6, growth = 20e6, samples = 40 } = options;
  const random = seededRandom(seed);
  const period = 2 + random.next() * 3;
  return Array.from({ length: samples }, (_, i) => {
    const done = (calls * i) / (samples - 1);
    const phase = (i / period + random.next() * 0.3) % 1;
    const value =
      60e6 +
      growth * (1 - Math.exp((-8 * i) / samples)) +
      garbage * phase +
      kept * done +
      random.normal(0, 0.3e6);
    return { t: i * 0.25, calls: done, value };
  });
}

const idle = (value: number): ResourceSample[] =>
  Array.from({ length: 8 }, (_, t) => ({ t, calls: 0, value }));
const ask = (load: ResourceSample[], more: Partial<LeakQuestion> = {}) =>
  judgeLeak({ resource: 'memory', load, ...more });

describe('leaks of known size', () => {
  it('finds 2 kB per call within 25 % in 18 of 20 quick runs, and calls none of them clean', () => {
    const found = Array.from({ length: 20 }, (_, run) =>
      ask(memory({ seed: `2k ${run}`, kept: 2000, garbage: 10e6 })),
    );
    const right = found.filter(
      (one) => one.verdict === 'leaking' && one.perCall.value > 1500 && one.perCall.value < 2500,
    );
    expect(right.length).toBeGreaterThanOrEqual(18);
    expect(found.filter((one) => one.verdict === 'clean')).toEqual([]);
  });

  it('finds 200 bytes per call in a long run, above the bound of 100', () => {
    for (let run = 0; run < 10; run++) {
      const found = ask(memory({ seed: `200 ${run}`, kept: 200, calls: 600_000, samples: 400 }));
      expect(found.verdict).toBe('leaking');
      if (found.verdict === 'leaking') expect(Math.abs(found.perCall.value / 200 - 1)).toBeLessThan(0.25);
    }
  });

  it('never calls a saw-tooth a leak, and a long one clean', () => {
    for (let run = 0; run < 50; run++) {
      expect(ask(memory({ seed: `drop ${run}`, garbage: 60e6 })).verdict).not.toBe('leaking');
      const long = ask(memory({ seed: `drop ${run}`, garbage: 60e6, calls: 600_000, samples: 400 }));
      expect(long.verdict).toBe('clean');
    }
  });

  it('calls a short saw-tooth clean down to the growth that could have shown, and says which', () => {
    const found = Array.from({ length: 20 }, (_, run) =>
      ask(memory({ seed: `short ${run}`, garbage: 30e6, growth: 0, samples: 240 })),
    );
    const coarse = found.filter(
      (one) => one.verdict === 'clean' && one.excludedPerCall !== null && one.excludedPerCall > 100,
    );
    expect(found.filter((one) => one.verdict === 'leaking')).toEqual([]);
    expect(coarse.length).toBeGreaterThan(0);
    for (const one of coarse) {
      // 8 MB in three quarters of 40,000 calls.
      expect(one.verdict === 'clean' && one.excludedPerCall).toBeCloseTo(8e6 / 30_000, -1);
      expect(one.reason).toMatch(/^growth above 2\d\d bytes per call is excluded/);
    }
  });

  it('takes nothing less than the bound for clean while more calls are to come', () => {
    let coarse = 0;
    for (let run = 0; run < 20; run++) {
      const load = memory({ seed: `short ${run}`, garbage: 30e6, growth: 0, samples: 240 });
      const [now, atTheEnd] = [ask(load, { moreToCome: true }), ask(load)];
      if (now.verdict === 'clean') expect(now.excludedPerCall).toBe(100);
      else expect(now.verdict).toBe('undecidable');
      if (atTheEnd.verdict === 'clean' && atTheEnd.excludedPerCall !== 100) {
        expect(now.verdict).toBe('undecidable');
        coarse++;
      }
    }
    expect(coarse).toBeGreaterThan(0);
  });

  it('calls a memory clean whose second half excludes growth, though its heap grew in the first', () => {
    for (let run = 0; run < 20; run++) {
      const load = memory({ seed: `half ${run}`, garbage: 3e6, growth: 0, samples: 800, calls: 100_000 });
      const grown = load.map((sample, i) => ({
        ...sample,
        value: sample.value + 25e6 * Math.min(1, i / 360),
      }));
      expect(ask(grown, { moreToCome: true })).toMatchObject({ verdict: 'clean', excludedPerCall: 100 });
    }
  });

  it('calls nothing clean that keeps 2 kB per call, whatever the garbage', () => {
    for (let run = 0; run < 40; run++) {
      const load = memory({ seed: `hidden ${run}`, kept: 2000, garbage: 60e6, samples: 240 });
      expect(ask(load).verdict).not.toBe('clean');
      const few = memory({ seed: `few ${run}`, kept: 2000, garbage: 60e6, samples: 240, calls: 5000 });
      expect(ask(few).verdict).not.toBe('clean');
    }
  });

  it('does not take a heap that is still finding its size for a leak', () => {
    for (let run = 0; run < 20; run++) {
      const load = memory({ seed: `settle ${run}`, growth: 150e6, garbage: 5e6, calls: 100_000 });
      expect(ask(load).verdict).not.toBe('leaking');
    }
  });

  it('does not take a heap that grows in steps for a leak, wherever the steps are', () => {
    const verdicts = Array.from({ length: 300 }, (_, run) => {
      const random = seededRandom(`steps ${run}`);
      const at = Array.from({ length: 2 + Math.floor(random.next() * 4) }, () => random.next()).sort(
        (a, b) => a - b,
      );
      const least = (15e6 + random.next() * 30e6) / (2 ** at.length - 1);
      const height = (x: number) =>
        at.reduce((sum, place, k) => sum + (x >= place ? least * 2 ** k : 0), 60e6);
      return ask(
        Array.from({ length: 800 }, (_, i) => {
          const value = height(i / 800) + random.normal(0, 0.3e6) + 1e6 * ((i / 7) % 1);
          return { t: i * 0.025, calls: 50 * i, value };
        }),
      ).verdict;
    });
    // 30 of 10,000 such heaps look straight (21 % were called leaks before the rule): 4 of 300 would be p = 0.01.
    expect(verdicts.filter((verdict) => verdict === 'leaking').length).toBeLessThanOrEqual(3);
  });

  it('calls no small rise a leak while more calls will tell, and a straight one at the end', () => {
    for (let run = 0; run < 20; run++) {
      const load = memory({ seed: `small ${run}`, kept: 1000, garbage: 5e6, samples: 800 });
      const early = ask(load, { moreToCome: true });
      expect(early).toMatchObject({ verdict: 'undecidable' });
      expect(early.reason).toMatch(
        /^rose by \d+(\.\d)? MB, which a runtime's heap may take until it has its size/,
      );
      expect(ask(load).verdict).toBe('leaking');
    }
  });

  it('does not take garbage of before the load for growth that came back', () => {
    const load = memory({ seed: 'before', kept: 2000, garbage: 1e6 });
    // High before, as what went before was collected in the load; nothing went down after it.
    const { verdict } = ask(load, { idleBefore: idle(900e6), idleAfter: idle(load.at(-1)!.value) });
    expect(verdict).toBe('leaking');
  });

  it('accepts growth that comes back when idle', () => {
    const load = memory({ seed: 'pool', kept: 2000, garbage: 1e6 });
    expect(ask(load, { idleBefore: idle(60e6), idleAfter: idle(62e6) })).toMatchObject({
      verdict: 'clean',
      reason: expect.stringMatching(/came back/) as string,
    });
    expect(ask(load, { idleBefore: idle(60e6), idleAfter: idle(145e6) }).verdict).toBe('leaking');
  });

  it('reports MB per hour beside bytes per call', () => {
    const found = ask(memory({ seed: 'rate', kept: 2000, garbage: 1e6, growth: 0 }));
    if (found.verdict !== 'leaking') throw new Error(found.reason);
    // 40,000 calls of 2 kB in 9.75 s.
    expect(found.perHour.value / ((80 / 9.75) * 3600)).toBeCloseTo(1, 1);
    expect(found.perHour.ci95[0]).toBeLessThan(found.perHour.value);
  });

  it('says how many calls it would take when it cannot decide', () => {
    const found = ask(memory({ seed: 'short', kept: 150, calls: 5000, growth: 0, garbage: 0.5e6 }));
    expect(found.verdict).toBe('undecidable');
    if (found.verdict === 'undecidable') {
      expect(found.callsNeeded).toBeGreaterThan(5000);
      expect(found.reason).toMatch(/calls needed/);
    }
  });

  it('does not judge too few samples or no calls', () => {
    expect(ask(memory({ seed: 'few', samples: 10 }))).toMatchObject({
      verdict: 'undecidable',
      reason: 'memory: 10 samples under load, 22 needed',
      evidence: null,
    });
    expect(ask([])).toMatchObject({ verdict: 'undecidable', callsNeeded: null });
  });
});

describe('counts', () => {
  const counts = (perCall: number, jitter: number): ResourceSample[] => {
    const random = seededRandom(`counts ${perCall}`);
    return Array.from({ length: 32 }, (_, i) => ({
      t: i / 4,
      calls: i * 50,
      value: 20 + Math.floor(perCall * i * 50) + random.integer(0, jitter),
    }));
  };

  it.each([
    ['fds', 1],
    ['sessions', 1],
    ['threads', 0.1],
    ['processes', 0.02],
  ] as const)('%s: names %d per call', (resource, rate) => {
    const found = judgeLeak({ resource, load: counts(rate, 3) });
    expect(found).toMatchObject({ verdict: 'leaking', resource });
    if (found.verdict === 'leaking') expect(Math.abs(found.perCall.value / rate - 1)).toBeLessThan(0.1);
  });

  it('calls a steady count clean, jitter or not', () => {
    expect(judgeLeak({ resource: 'fds', load: counts(0, 0) }).verdict).toBe('clean');
    expect(judgeLeak({ resource: 'fds', load: counts(0, 6) }).verdict).toBe('clean');
  });
});
