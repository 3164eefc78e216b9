import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.js';
import type { ArrivalProcess } from '../../plan/load-plan.js';
import { Arrivals } from './arrivals.js';
import { RateCurve } from './rate-curve.js';

const stages = fc.array(
  fc.record({ durationMs: fc.integer({ min: 0, max: 3000 }), target: fc.integer({ min: 0, max: 400 }) }),
  { minLength: 1, maxLength: 4 },
);

function all(
  start: number,
  plan: { durationMs: number; target: number }[],
  process: ArrivalProcess,
  shard: number,
  shards: number,
) {
  const times = new Map<number, number>();
  const arrivals = new Arrivals(new RateCurve(start, plan), process, seededRandom(7), shard, shards);
  for (; arrivals.dueMs !== Infinity; arrivals.advance()) times.set(arrivals.index, arrivals.dueMs);
  return times;
}

describe('arrivals', () => {
  it('come evenly at a constant rate, as many as rate times time', () => {
    const times = [...all(100, [{ durationMs: 10_000, target: 100 }], 'constant', 0, 1).values()];
    expect(times).toHaveLength(1000);
    for (const [index, time] of times.entries()) expect(time).toBeCloseTo(index * 10, 6);
  });

  it('are those of one machine, however many share them', () => {
    fc.assert(
      fc.property(
        stages,
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom<ArrivalProcess>('constant', 'poisson'),
        (plan, start, shards, process) => {
          const whole = all(start, plan, process, 0, 1);
          const split = Array.from({ length: shards }, (_, shard) => [
            ...all(start, plan, process, shard, shards),
          ]).flat();
          expect(new Map(split.sort(([a], [b]) => a - b))).toEqual(whole);
        },
      ),
    );
  });

  it('follow a ramp: as many have come as the curve says, at every time', () => {
    fc.assert(
      fc.property(stages, fc.integer({ min: 0, max: 300 }), (plan, start) => {
        const times = [...all(start, plan, 'constant', 0, 1).values()];
        let before = 0;
        let from = start;
        let at = 0;
        for (const stage of plan) {
          before += ((from + stage.target) / 2 / 1000) * stage.durationMs;
          at += stage.durationMs;
          from = stage.target;
          // Arrival i comes when i have passed, so ceil(before) lie before the end of the stage, give or take rounding.
          expect(Math.abs(times.filter((time) => time < at).length - Math.ceil(before))).toBeLessThanOrEqual(
            1,
          );
        }
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });

  it('are exponential apart in a Poisson process', () => {
    const times = [...all(1000, [{ durationMs: 20_000, target: 1000 }], 'poisson', 0, 1).values()];
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    // 20,000 arrivals expected with a deviation of 141; the mean gap is 1 ms ± 0.7 %; P(gap > mean) is 1/e = 0.368 ± 0.003.
    expect(Math.abs(times.length - 20_000)).toBeLessThan(5 * 141);
    expect(Math.abs(mean - 1)).toBeLessThan(0.035);
    expect(Math.abs(gaps.filter((gap) => gap > mean).length / gaps.length - 1 / Math.E)).toBeLessThan(0.017);
  });
});
