import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock, sleep } from '../core/clock.js';
import { Benchmark } from './benchmark.js';

/** A benchmark that has measured these durations, ms. */
async function measured(durations: readonly number[]): Promise<Benchmark> {
  let now = 0;
  const benchmark = new Benchmark({
    clock: { now: () => now, wall: () => now, after: () => () => undefined },
  });
  for (const ms of durations) await benchmark.measure(() => (now += ms));
  return benchmark;
}

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('measure', () => {
  it('gives the result and the time until a promise is settled', async () => {
    const clock = new FakeClock();
    const benchmark = new Benchmark({ clock });
    const one = benchmark.measure(async () => {
      await sleep(25, clock);
      return 'done';
    });
    await clock.advance(100);
    expect(await one).toEqual({ result: 'done', durationMs: 25 });
    expect(await benchmark.measure(() => 7)).toEqual({ result: 7, durationMs: 0 });
    expect(benchmark.statistics().count).toBe(2);
  });

  it('times several at once apart', async () => {
    const clock = new FakeClock();
    const benchmark = new Benchmark({ clock });
    const both = [30, 10].map((ms) => benchmark.measure(() => sleep(ms, clock)));
    await clock.advance(100);
    await Promise.all(both);
    expect(benchmark.statistics()).toMatchObject({ count: 2, min: 10, max: 30, mean: 20 });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('counts a function that %s as a failure, and lets the error through', async (_how, fn) => {
    const benchmark = new Benchmark();
    await expect(benchmark.measure(fn)).rejects.toThrow('no');
    expect(benchmark.statistics()).toMatchObject({ count: 0, failures: 1, mean: null });
  });
});

describe('statistics', () => {
  it('say nothing of nothing', () => {
    const nothing = { mean: null, median: null, stdev: null, min: null, max: null, p95: null, p99: null };
    const ci95 = { mean: null, median: null, p95: null, p99: null };
    expect(new Benchmark().statistics()).toEqual({ count: 0, failures: 0, ...nothing, ci95 });
  });

  it('do not lose small differences of large durations', async () => {
    // NIST StRD, data set NumAcc1: mean 10000002, standard deviation 1.
    const { mean, stdev } = (await measured([10_000_001, 10_000_003, 10_000_002])).statistics();
    expect(mean).toBe(10_000_002);
    expect(stdev).toBeCloseTo(1, 9);
  });

  it('give p95 from 20 durations and p99 from 100, and null before', async () => {
    const of = async (n: number) => (await measured(upTo(n))).statistics();
    expect(await of(19)).toMatchObject({ p95: null, p99: null, median: 10 });
    expect(await of(20)).toMatchObject({ p95: 19, p99: null, median: 10.5 });
    expect(await of(99)).toMatchObject({ p95: 95, p99: null });
    expect(await of(100)).toMatchObject({ p95: 95, p99: 99 });
  });

  it('give intervals from the numbers that allow finite ones', async () => {
    const of = async (n: number) => (await measured(upTo(n))).statistics().ci95;
    expect((await of(1)).mean).toBeNull();
    // Student's t for 1 degree of freedom is 12.706: 1.5 ± 12.706 · 0.7071 / √2.
    expect((await of(2)).mean![0]).toBeCloseTo(1.5 - 6.353, 3);
    expect((await of(5)).median).toBeNull();
    expect((await of(6)).median).toEqual([1, 6]);
    expect((await of(71)).p95).toBeNull();
    expect((await of(72)).p95).not.toBeNull();
    expect((await of(367)).p99).toBeNull();
    expect((await of(368)).p99).not.toBeNull();
  });

  it('lie between the least and the largest, in whatever order the durations came', async () => {
    const durations = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    await fc.assert(
      fc.asyncProperty(durations, async (list) => {
        const { min, median, mean, max, count } = (await measured(list)).statistics();
        expect(count).toBe(list.length);
        const slack = 1e-6 * (1 + max!);
        for (const one of [median!, mean!]) {
          expect(one).toBeGreaterThanOrEqual(min! - slack);
          expect(one).toBeLessThanOrEqual(max! + slack);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('begin anew after a reset', async () => {
    const benchmark = await measured([1, 2, 3]);
    benchmark.reset();
    expect(benchmark.statistics().count).toBe(0);
  });
});
