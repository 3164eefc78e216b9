import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WireError, type McpConnection } from '../../protocol/index.js';
import type { Bench } from '../bench.js';
import { raiseConnections, type RaisePlan } from './raise-connections.js';

/** A bench that opens connections in so many ms, up to a limit; how many were being opened beside each other at most. */
function opening(ms: number, limit = Infinity) {
  const seen = { open: 0, underWay: 0, beside: 0 };
  const bench = {
    connect: async () => {
      seen.underWay++;
      seen.beside = Math.max(seen.beside, seen.underWay);
      await wait(ms);
      seen.underWay--;
      if (seen.open >= limit) throw new WireError('no seat is left', { outcome: 'http', status: 503 });
      seen.open++;
      return {} as McpConnection;
    },
  };
  return { bench: bench as unknown as Bench, seen };
}

const plan = (more: Partial<RaisePlan>): RaisePlan => ({
  wanted: 10,
  budgetMs: 60_000,
  timeoutMs: 1000,
  stop: new AbortController().signal,
  ...more,
});

describe('raising connections', () => {
  it('opens one after the other, and tells how long each took', async () => {
    const { bench, seen } = opening(1);
    const raised = await raiseConnections(bench, plan({ wanted: 5 }));
    expect([raised.connections.length, raised.openMs.length, raised.besideMs.length]).toEqual([5, 5, 0]);
    expect([seen.beside, raised.end.kind]).toEqual([1, 'wanted']);
  });

  it('opens the first alone and the others beside each other, where that is asked for', async () => {
    const { bench, seen } = opening(2);
    const raised = await raiseConnections(bench, plan({ atOnce: 4 }));
    expect([raised.connections.length, seen.beside]).toEqual([10, 4]);
    // One more stood alone at the end: 1 + 4 + 4 + 1.
    expect([raised.openMs.length, raised.besideMs.length]).toEqual([2, 8]);
  });

  it.each([1, 3, 4])('counts a limit exactly, %d at once', async (atOnce) => {
    const { bench } = opening(1, 7);
    const raised = await raiseConnections(bench, plan({ atOnce }));
    expect(raised.connections).toHaveLength(7);
    expect(raised.end).toEqual({
      kind: 'refused',
      why: expect.stringContaining('no seat is left') as string,
    });
  });

  it('goes on beyond its budget only as long as the pace promises all within the stretch of it', async () => {
    const slow = () => opening(20).bench;
    const cut = await raiseConnections(slow(), plan({ budgetMs: 30 }));
    expect(cut.end).toEqual({ kind: 'time' });
    expect(cut.connections.length).toBeLessThan(10);
    const promised = await raiseConnections(slow(), plan({ budgetMs: 30, stretch: 1000 }));
    expect([promised.connections.length, promised.end.kind]).toEqual([10, 'wanted']);
    const hopeless = await raiseConnections(slow(), plan({ wanted: 10_000, budgetMs: 30, stretch: 2 }));
    expect(hopeless.end.kind).toBe('time');
  });

  it('ends when it is stopped', async () => {
    const { bench } = opening(1);
    const raised = await raiseConnections(bench, plan({ stop: AbortSignal.abort() }));
    expect([raised.connections.length, raised.end.kind]).toEqual([0, 'stopped']);
  });
});
