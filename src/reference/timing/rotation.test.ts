import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rotation } from './rotation.js';

const run = (rotation: Rotation<string>, calls: number) => {
  const counts: Record<string, number> = {};
  for (let i = 0; i < calls; i++) {
    const item = rotation.next();
    counts[item] = (counts[item] ?? 0) + 1;
  }
  return counts;
};

describe('a rotation', () => {
  it('gives each item its share, to the call', () => {
    const shares = new Map([
      ['tool', 0.05],
      ['rpc', 0.02],
      ['http', 0.01],
    ]);
    expect(run(new Rotation(shares, 'ok'), 100)).toEqual({ ok: 92, tool: 5, rpc: 2, http: 1 });
    expect(run(new Rotation(shares, 'ok'), 100_000)).toEqual({
      ok: 92_000,
      tool: 5000,
      rpc: 2000,
      http: 1000,
    });
  });

  it('is the remaining item alone without shares, and nothing else with a full one', () => {
    expect(run(new Rotation(new Map(), 'ok'), 10)).toEqual({ ok: 10 });
    expect(run(new Rotation(new Map([['rpc', 0]]), 'ok'), 10)).toEqual({ ok: 10 });
    expect(run(new Rotation(new Map([['rpc', 1]]), 'ok'), 10)).toEqual({ rpc: 10 });
  });

  it('is never further than one call from two shares after any number of calls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 5000 }), (ppm, calls) => {
        const counts = run(new Rotation(new Map([['bad', ppm / 1e6]]), 'ok'), calls);
        expect(Math.abs((counts['bad'] ?? 0) - (calls * ppm) / 1e6)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
