import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardRecorder } from '../recording/shard-recorder.js';
import { coarserPoints, gaugesOf, LoadSeries } from './load-series.js';
import { OperationTotals } from './operation-totals.js';

function fill(series: LoadSeries, intervals: number, perInterval: number, shards: number) {
  const recorders = Array.from({ length: shards }, () => new ShardRecorder(2, false));
  let total = 0;
  for (let i = 0; i < intervals; i++) {
    for (let shard = 0; shard < shards; shard++) {
      const recorder = recorders[shard]!;
      for (let call = 0; call < perInterval; call++) {
        recorder.ok(call % 2, 1 + (i % 50), 1, 1);
        total++;
      }
      // Threads report a little apart and a little late.
      const fromMs = i * 100 + shard * 3;
      series.add(
        recorder.drain({ fromMs, toMs: fromMs + 101, inFlight: 1, waiting: 0, active: 1, busyMs: 5 }),
        shard,
      );
    }
  }
  return total;
}

describe('LoadSeries', () => {
  it('never has more than 600 points and never loses a call', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2500 }), fc.integer({ min: 1, max: 3 }), (intervals, shards) => {
        const series = new LoadSeries(100);
        const total = fill(series, intervals, 3, shards);
        expect(series.points.length).toBeLessThanOrEqual(600);
        expect(series.points.length).toBeGreaterThanOrEqual(Math.min(intervals, 280));
        const totals = new OperationTotals();
        for (const point of series.points) for (const delta of point.operations) totals.addDelta(delta);
        expect(totals.ok).toBe(total);
        expect(totals.latency.count).toBe(total);
        const times = series.points.map((point) => point.fromMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: 5 },
    );
  });

  it('gets coarser without losing a call', () => {
    const series = new LoadSeries(100);
    const total = fill(series, 100, 3, 2);
    const coarser = coarserPoints(series.points, 3);
    expect(coarser.length).toBe(34);
    expect(coarser.at(-1)).toEqual(series.points.at(-1));
    expect(coarser[0]).toMatchObject({ fromMs: series.points[0]!.fromMs, toMs: series.points[2]!.toMs });
    const totals = new OperationTotals();
    for (const point of coarser) for (const delta of point.operations) totals.addDelta(delta);
    expect(totals.ok).toBe(total);
  });

  it('keeps what a point holds in one block of its own memory', () => {
    const series = new LoadSeries(100);
    fill(series, 1500, 4, 2);
    for (const { operations } of series.points) {
      const encoded = operations.flatMap(({ latency, ttfb }) => [latency!.encoded, ttfb!.encoded]);
      const blocks = new Set(encoded.map((bytes) => bytes.buffer));
      expect(blocks.size).toBe(1);
      expect(encoded.reduce((sum, bytes) => sum + bytes.length, 0)).toBe([...blocks][0]!.byteLength);
    }
  });

  it('adds up what threads have in flight, but not what intervals have', () => {
    const series = new LoadSeries(100);
    fill(series, 1500, 1, 2);
    expect(new Set(series.points.map((point) => gaugesOf(point).inFlight))).toEqual(new Set([2]));
  });
});
