import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropPattern, type Drop } from './drop-pattern.js';
import { EventRounds } from './event-rounds.js';
import { readEvent } from './read-event.js';
import { Tally } from './tally.js';

describe('what an event says', () => {
  const updated = (meta: object) =>
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri: 'a://b', _meta: meta },
    });

  it('reads the time stamp and the number', () => {
    expect(readEvent(updated({ 'dyno/sentAtMs': 1000.25, 'dyno/sequence': 7 }))).toEqual({
      kind: 'event',
      key: 'notifications/resources/updated 7',
      method: 'notifications/resources/updated',
      id: undefined,
      sentAtMs: 1000.25,
      sequence: 7,
    });
  });

  it('knows the same event on two subscriptions of the stateless era', () => {
    const key = (id: string) => {
      const read = readEvent(updated({ 'io.modelcontextprotocol/subscriptionId': id, other: 1 }));
      return read.kind === 'event' ? read.key : '';
    };
    expect(key('one')).toBe(key('two'));
    expect(key('one')).toContain('"other":1');
  });

  it('tells requests, acknowledgements, answers and what is none of these apart', () => {
    expect(readEvent('{"jsonrpc":"2.0","id":3,"method":"ping"}')).toMatchObject({ kind: 'event', id: 3 });
    expect(
      readEvent('{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{}}').kind,
    ).toBe('acknowledged');
    expect(readEvent('{"jsonrpc":"2.0","id":1,"result":{}}')).toEqual({ kind: 'answer', error: undefined });
    expect(readEvent('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}')).toEqual({
      kind: 'answer',
      error: 'JSON-RPC error -32601',
    });
    for (const text of ['', 'x', '[]', '7', 'null', '{}'])
      expect(readEvent(text), text).toEqual({ kind: 'malformed' });
  });

  it('takes whatever a server sends', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify({ method: 'm', params: value })),
        ),
        (text) => {
          expect(['event', 'acknowledged', 'answer', 'malformed']).toContain(readEvent(text).kind);
        },
      ),
    );
  });
});

describe('what ends of streams have in common', () => {
  const drop = (atMs: number, lifeMs: number, eventlessMs: number, silentMs = eventlessMs): Drop => ({
    atMs,
    lifeMs,
    eventlessMs,
    silentMs,
  });

  it('is the time without an event, whatever the age of the stream', () => {
    const drops = [1, 2, 3, 4, 5].map((i) => drop(10_000 * i, 7000 * i, 5000 + i));
    expect(dropPattern(drops)).toEqual({ kind: 'eventless', ms: 5003, drops: 5, either: false });
  });

  it('is the age of the stream, whatever came on it', () => {
    const drops = [1, 2, 3, 4].map((i) => drop(10_000 * i, 30_000 + i, 1000 * i));
    expect(dropPattern(drops)).toMatchObject({ kind: 'life', ms: 30_003 });
  });

  it('is open between the two where nothing ever came', () => {
    const drops = [1, 2, 3, 4].map((i) => drop(1000 * i, 2000 + i, 2000 + i));
    expect(dropPattern(drops)).toMatchObject({ kind: 'eventless', either: true });
  });

  it('is the time without any byte where comments came between events', () => {
    const drops = [1, 2, 3, 4].map((i) => drop(20_000 * i, 40_000 * i, 15_000 * i, 6000));
    expect(dropPattern(drops)).toMatchObject({ kind: 'silent', ms: 6000 });
  });

  it('is the moment where a server went away', () => {
    const drops = [1, 2, 3, 4].map((i) => drop(50_000 + i, 10_000 * i, 1500 * i));
    expect(dropPattern(drops)).toMatchObject({ kind: 'moment', ms: 0, drops: 4 });
  });

  it('is nothing where there are too few, or they are unlike', () => {
    expect(dropPattern([drop(1, 5000, 5000), drop(2, 5000, 5000)])).toBeUndefined();
    expect(dropPattern([1, 2, 3, 4].map((i) => drop(9000 * i, 4000 * i, 2500 * i)))).toBeUndefined();
  });

  it('holds for any number of idle streams that a server ends at its own beat', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 600_000 }),
        fc.array(
          fc.record({ openedAt: fc.integer({ min: 0, max: 1e6 }), late: fc.integer({ min: 0, max: 50 }) }),
          {
            minLength: 3,
            maxLength: 50,
          },
        ),
        (limit, streams) => {
          // Nothing came on any of them: idle for as long as they lived.
          const drops = streams.map(({ openedAt, late }) =>
            drop(openedAt + limit + late, limit + late, limit + late),
          );
          const found = dropPattern(drops);
          if (found?.kind === 'moment') return;
          expect(found).toMatchObject({ kind: 'eventless', either: true });
          expect(Math.abs(found!.ms - limit)).toBeLessThanOrEqual(50);
        },
      ),
    );
  });
});

describe('how far apart streams get the same event', () => {
  const gather = () => {
    const told: [number, number][] = [];
    return { told, rounds: new EventRounds((ms, streams) => told.push([ms, streams])) };
  };

  it('is the time from the first to the last of them', () => {
    const { told, rounds } = gather();
    rounds.arrived('a', 0, 0, 100);
    rounds.arrived('a', 9, 0, 101);
    rounds.arrived('a', 5000, 0, 103);
    rounds.sweep(1000);
    expect(told).toEqual([]);
    rounds.sweep(2200);
    expect(told).toEqual([[3, 3]]);
  });

  it('takes the n-th time for the n-th round, though a stream lags behind', () => {
    const { told, rounds } = gather();
    rounds.arrived('a', 0, 0, 0);
    rounds.arrived('a', 0, 0, 10);
    rounds.arrived('a', 1, 0, 12);
    rounds.arrived('a', 1, 0, 13);
    rounds.sweep(0, true);
    expect(told).toEqual([
      [12, 2],
      [3, 2],
    ]);
  });

  it('leaves out streams that were not yet open', () => {
    const { told, rounds } = gather();
    rounds.arrived('a', 0, 0, 100);
    rounds.arrived('a', 1, 0, 101);
    rounds.arrived('a', 2, 150, 200);
    rounds.sweep(0, true);
    expect(told).toEqual([[1, 2]]);
  });

  it('loses no round of ordered arrivals, however they interleave', () => {
    const streams = fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 3, maxLength: 3 }), {
      minLength: 2,
      maxLength: 20,
    });
    fc.assert(
      fc.property(streams, (delays) => {
        const arrivals = delays.flatMap((of, stream) => {
          let last = 0;
          return of.map((delay, round) => {
            last = Math.max(last, round * 10 + delay);
            return { stream, at: last, round };
          });
        });
        arrivals.sort((a, b) => a.at - b.at || a.round - b.round);
        const { told, rounds } = gather();
        for (const { stream, at } of arrivals) rounds.arrived('k', stream, 0, at);
        rounds.sweep(0, true);
        const truth = [0, 1, 2].map((round) => {
          const of = arrivals.filter((one) => one.round === round).map((one) => one.at);
          return [Math.max(...of) - Math.min(...of), delays.length];
        });
        expect(told).toEqual(truth);
      }),
    );
  });
});

it('keeps at most twenty sentences apart', () => {
  const tally = new Tally();
  for (let i = 0; i < 30; i++) tally.add(`reason ${i}`);
  tally.add('reason 3');
  expect(tally.total).toBe(31);
  expect(tally.told()).toHaveLength(21);
  expect(tally.told().slice(0, 2)).toEqual([
    { why: 'other reasons', count: 10 },
    { why: 'reason 3', count: 2 },
  ]);
});
