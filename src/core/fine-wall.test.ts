import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FineWall } from './fine-wall.js';

/** A machine whose wall clock is cut to whole ms, and where every look at a clock takes a while. */
function machine(epochMs: number, lookMs: number) {
  let now = 0;
  const look = () => (now += lookMs);
  return {
    now: () => look(),
    wall: () => Math.floor(epochMs + look()),
    set: (ms: number) => (epochMs += ms),
    truth: (nowMs: number) => epochMs + nowMs,
  };
}

it('finds the fraction of the millisecond that Date.now() cuts off', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.001, max: 0.02, noNaN: true }),
      (fraction, lookMs) => {
        const made = machine(1_700_000_000_000 + fraction, lookMs);
        const wall = new FineWall(made.wall, made.now);
        // A look takes its time, and the tick is seen at the next one: two looks at most.
        expect(Math.abs(wall.at(5000) - made.truth(5000))).toBeLessThanOrEqual(2 * lookMs + 0.001);
      },
    ),
  );
});

it('follows a clock that was set when it looks again', () => {
  const made = machine(1_700_000_000_000.4, 0.01);
  const wall = new FineWall(made.wall, made.now);
  made.set(3_600_000);
  expect(wall.at(1)).toBeLessThan(made.truth(1) - 3_000_000);
  wall.align();
  expect(wall.at(1)).toBeCloseTo(made.truth(1), 1);
});
