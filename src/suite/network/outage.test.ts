import { describe, expect, it } from 'vitest';
import { findOutage, type OutageTick } from './outage.js';

/** A load of 100 calls/s in intervals of 100 ms with an outage between two moments. */
function load(fromMs: number, toMs: number, lengthMs = 4000): OutageTick[] {
  const ticks: OutageTick[] = [];
  for (let at = 0; at < lengthMs; at += 100) {
    const moments = Array.from({ length: 10 }, (_, index) => at + index * 10);
    const failed = moments.filter((moment) => moment >= fromMs && moment < toMs).length;
    ticks.push({ fromMs: at, toMs: at + 100, ok: 10 - failed, failed });
  }
  return ticks;
}

describe('an outage', () => {
  it.each([
    [500, 1500],
    [530, 1570],
    [560, 1520],
    [590, 3510],
  ])('from %d to %d ms is found to 20 ms', (from, to) => {
    const outage = findOutage(load(from, to), from)!;
    expect(outage.fromMs).toBe(from);
    expect(Math.abs(outage.toMs! - to)).toBeLessThanOrEqual(20);
  });

  it('is found where nothing fails and nothing is answered', () => {
    const ticks = load(0, 0).map((tick) =>
      tick.fromMs >= 1000 && tick.fromMs < 2000 ? { ...tick, ok: 0 } : tick,
    );
    expect(findOutage(ticks)).toEqual({ fromMs: 1000, toMs: 2000 });
  });

  it('is none where all goes well', () => {
    expect(findOutage(load(0, 0), 500)).toBeUndefined();
  });

  it('does not end where answers never come again', () => {
    expect(findOutage(load(500, 99_999), 500)).toEqual({ fromMs: 500, toMs: undefined });
  });

  it('is not over at the first lucky interval', () => {
    const ticks = load(500, 2000);
    ticks[10] = { ...ticks[10]!, ok: 10, failed: 0 };
    expect(findOutage(ticks, 500)!.toMs).toBe(2000);
  });
});
