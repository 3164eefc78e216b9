import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TurnRecorder } from '../recording/turn-recorder.js';
import { joinedTurns, TurnTotals } from './turn-totals.js';

const totalsOf = (recorders: readonly TurnRecorder[]) => {
  const totals = new TurnTotals();
  for (const recorder of recorders) {
    const delta = recorder.drain();
    if (delta !== undefined) totals.addDelta(delta);
  }
  return totals;
};

it('keeps every ending counted, however many reasons there are', () => {
  const recorders = Array.from({ length: 10 }, (_, shard) => {
    const recorder = new TurnRecorder();
    for (let i = 0; i < 120; i++) {
      recorder.failed();
      recorder.ended(i % 3, `reason ${shard} ${i}`);
    }
    return recorder;
  });
  const totals = totalsOf(recorders);
  expect(totals.failed).toBe(1200);
  expect(totals.endings.reduce((sum, { count }) => sum + count, 0)).toBe(1200);
  expect(totals.endings.length).toBeLessThanOrEqual(201);
  expect(totals.endings[0]).toMatchObject({ step: -1, because: 'for other reasons' });
});

it('strips what a server may have put into a reason', () => {
  const recorder = new TurnRecorder();
  recorder.failed();
  recorder.ended(0, 'tool: \u001b[2Jgone\r\n<b>');
  expect(recorder.drain()!.endings[0]!.because).toBe('tool: gone <b>');
});

it('joins deltas without losing a turn', () => {
  const turn = fc.record({ ok: fc.boolean(), ms: fc.integer({ min: 0, max: 5000 }) });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 50 }), fc.array(turn, { maxLength: 50 }), (a, b) => {
      const [one, other] = [a, b].map((turns) => {
        const recorder = new TurnRecorder();
        for (const { ok, ms } of turns) {
          if (ok) recorder.ok(ms);
          else recorder.failed();
        }
        return recorder.drain();
      });
      const joined = joinedTurns(one, other);
      const good = [...a, ...b].filter(({ ok }) => ok);
      expect(joined?.ok ?? 0).toBe(good.length);
      expect((joined?.ok ?? 0) + (joined?.failed ?? 0)).toBe(a.length + b.length);
      if (good.length > 0) expect(joined!.time!.maxMs).toBe(Math.max(...good.map(({ ms }) => ms)));
    }),
  );
});
