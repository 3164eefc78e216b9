import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { classifyCpu } from './cpu-bound.js';
import { judgeSerialization, type TimedCall } from './serialization.js';
import { judgeDrift, judgeStability } from './stability.js';

describe('stability', () => {
  it('measures the scatter after the warm-up, not the warm-up', () => {
    const random = seededRandom('stable');
    const values = Array.from({ length: 200 }, (_, i) => 100 - 60 * Math.exp(-i / 8) + random.normal(0, 2));
    const found = judgeStability(values);
    if (found.kind !== 'judged') throw new Error(found.reason);
    expect(found.steady).toBe(true);
    expect(found.cut).toBeGreaterThan(5);
    expect(found.standardDeviation).toBeGreaterThan(1.6);
    expect(found.standardDeviation).toBeLessThan(2.6);
    expect(found.median).toBeCloseTo(100, 0);
  });

  it('says so when there is no steady state, and not when there is little to see', () => {
    const rising = judgeStability(Array.from({ length: 100 }, (_, i) => i));
    expect(rising).toMatchObject({ kind: 'judged', steady: false, cut: 20 });
    expect(judgeStability([1, 2, 3])).toEqual({
      kind: 'not judged',
      reason: 'stability: 3 values watched, 20 needed',
    });
  });
});

describe('drift', () => {
  const seconds = Array.from({ length: 60 }, (_, i) => 5 * i);

  it('finds a latency that creeps up by 5 % a minute', () => {
    const random = seededRandom('creep');
    const found = judgeDrift(
      seconds,
      seconds.map((t) => 10 * (1 + (0.05 * t) / 60) * (1 + random.normal(0, 0.03))),
    );
    expect(found).toMatchObject({ kind: 'judged', drifting: true });
    if (found.kind !== 'judged') return;
    // Relative to the median, which is 12 % above the start.
    expect(Math.abs((found.perMinute * 1.12) / 0.05 - 1)).toBeLessThan(0.2);
    expect(found.ci95[0]).toBeLessThan(found.perMinute);
    expect(found.sentence).toMatch(/drifted by \+\d+\.\d % in 4\.9 minutes/);
  });

  it('stays quiet on steady noise, autocorrelated too', () => {
    let alarms = 0;
    for (let run = 0; run < 100; run++) {
      const random = seededRandom(`quiet ${run}`);
      let wander = 0;
      const found = judgeDrift(
        seconds,
        seconds.map(() => 10 * Math.exp((wander = 0.5 * wander + random.normal(0, 0.05)))),
      );
      if (found.kind === 'judged' && found.drifting) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(3);
  });

  it('leaves small drifts alone, and does not judge too little', () => {
    expect(
      judgeDrift(
        seconds,
        seconds.map((t) => 10 + t / 1000),
      ),
    ).toMatchObject({ drifting: false });
    expect(judgeDrift([1, 2, 3], [1, null, 3])).toEqual({
      kind: 'not judged',
      reason: 'drift: 2 intervals watched, 12 needed',
    });
    expect(judgeDrift(new Array<number>(12).fill(1), new Array<number>(12).fill(1)).kind).toBe('not judged');
  });
});

describe('CPU-bound targets', () => {
  it('tells a spinning from a sleeping server of the same latency', () => {
    const same = { throughput: 99, serviceTimeMs: 10, meanInFlight: 1 };
    expect(classifyCpu({ ...same, cpuPercent: 98 })).toMatchObject({
      bound: 'cpu',
      cpuShare: expect.closeTo(0.99, 2) as number,
    });
    expect(classifyCpu({ ...same, cpuPercent: 4 })).toMatchObject({ bound: 'waiting' });
  });

  it('does so at a tenth of the load too, where the CPU is mostly idle', () => {
    const same = { throughput: 10, serviceTimeMs: 10, meanInFlight: 0.1 };
    expect(classifyCpu({ ...same, cpuPercent: 10 })).toMatchObject({
      bound: 'cpu',
      sentence: 'What calls take is mostly CPU time (10 % of a core, 10 ms CPU per call).',
    });
    expect(classifyCpu({ ...same, cpuPercent: 0.5 }).bound).toBe('waiting');
    expect(classifyCpu({ ...same, cpuPercent: 10, idleCpuPercent: 9.5 }).bound).toBe('waiting');
  });

  it('does not take queueing inside the target for waiting', () => {
    const queued = { throughput: 100, serviceTimeMs: 320, meanInFlight: 32 };
    expect(classifyCpu({ ...queued, cpuPercent: 99 }).bound).toBe('cpu');
    expect(classifyCpu({ ...queued, cpuPercent: 70 }).bound).toBe('unclear');
    expect(classifyCpu({ ...queued, cpuPercent: 5 }).bound).toBe('waiting');
  });

  it('says nothing without calls', () => {
    expect(classifyCpu({ cpuPercent: 100, throughput: 0, serviceTimeMs: 0, meanInFlight: 0 }).bound).toBe(
      'unclear',
    );
  });
});

/** Quick calls of 2 ms every 20 ms; a slow one of 200 ms each half second. */
function experiment(held: (left: number) => number): { slow: TimedCall[]; quick: TimedCall[] } {
  const random = seededRandom('serial');
  const slow = Array.from({ length: 4 }, (_, i) => ({ start: 300 + 500 * i, end: 500 + 500 * i }));
  const quick = Array.from({ length: 115 }, (_, i) => {
    const start = 20 * i + random.next();
    const over = slow.find((call) => call.start <= start && start < call.end);
    return { start, end: start + 2 + random.next() + (over ? held(over.end - start) : 0) };
  });
  return { slow, quick };
}

describe('serialization', () => {
  it('says that one slow call holds up the others on a single thread', () => {
    const found = judgeSerialization(experiment((left) => left));
    expect(found).toMatchObject({ kind: 'judged', verdict: 'serial' });
    if (found.kind === 'judged') expect(found.held).toBeGreaterThan(0.95);
  });

  it('says that it does not on a concurrent server', () => {
    const found = judgeSerialization(experiment(() => 0));
    expect(found).toMatchObject({ kind: 'judged', verdict: 'concurrent' });
    if (found.kind === 'judged') expect(found.aloneMs).toBeCloseTo(2.5, 0);
  });

  it('says partly when half of the calls wait', () => {
    let turn = 0;
    expect(judgeSerialization(experiment((left) => (turn++ % 2 === 0 ? left : 0)))).toMatchObject({
      verdict: 'partly',
    });
  });

  it('is not fooled by calls that are slow alone as well', () => {
    const { slow, quick } = experiment(() => 0);
    const lazy = quick.map(({ start }) => ({ start, end: start + 30 }));
    expect(judgeSerialization({ slow, quick: lazy })).toMatchObject({
      kind: 'judged',
      verdict: 'concurrent',
    });
  });

  it('does not judge without enough calls of both kinds', () => {
    const { slow, quick } = experiment(() => 0);
    expect(judgeSerialization({ slow, quick: [] })).toMatchObject({ kind: 'not judged' });
    expect(judgeSerialization({ slow: [], quick })).toMatchObject({
      kind: 'not judged',
      reason: expect.stringMatching(/0 quick calls under a slow one/) as string,
    });
  });
});
