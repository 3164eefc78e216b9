import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineQueue } from './deadline-queue.js';
import { SimTimers } from './sim-timers.fixture.js';

describe('a deadline queue', () => {
  it('calls back in order of time, never early, and at most a poll late, whatever the deadlines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { maxLength: 40 }),
        async (times) => {
          const timers = new SimTimers();
          const queue = new DeadlineQueue(timers);
          const fired: { at: number; now: number; index: number }[] = [];
          times.forEach((at, index) => {
            queue.add(at, () => fired.push({ at, now: timers.now(), index }));
          });
          await timers.run(70);
          expect(fired.map(({ index }) => index)).toEqual(
            times
              .map((at, index) => ({ at, index }))
              .sort((a, b) => a.at - b.at || a.index - b.index)
              .map(({ index }) => index),
          );
          for (const { at, now } of fired) {
            expect(now).toBeGreaterThanOrEqual(at);
            expect(now - at).toBeLessThan(0.05);
          }
          expect(queue.size).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes deadlines that are added while it runs, and those that have passed', async () => {
    const timers = new SimTimers();
    const queue = new DeadlineQueue(timers);
    const fired: string[] = [];
    queue.add(30, () => fired.push('late'));
    await timers.run(5);
    queue.add(1, () => fired.push('passed'));
    queue.add(10, () => {
      fired.push('early');
      queue.add(12, () => fired.push('added'));
    });
    expect(fired).toEqual([]);
    await timers.run(40);
    expect(fired).toEqual(['passed', 'early', 'added', 'late']);
  });

  it('polls for a millisecond or so, and sleeps for the rest', async () => {
    const timers = new SimTimers();
    let polls = 0;
    const counting = Object.assign(Object.create(timers) as SimTimers, {
      now: () => timers.now(),
      setTimeout: (callback: () => void, ms: number) => timers.setTimeout(callback, ms),
      setImmediate: (callback: () => void) => {
        polls++;
        timers.setImmediate(callback);
      },
    });
    const queue = new DeadlineQueue(counting);
    queue.add(20.5, () => undefined);
    await timers.run(25);
    // A poll is 10 µs here.
    expect(polls * 0.01).toBeGreaterThan(0.1);
    expect(polls * 0.01).toBeLessThan(1.5);
  });
});
