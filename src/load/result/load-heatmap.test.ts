import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardRecorder } from '../recording/shard-recorder.js';
import { LoadSeries } from '../runner/load-series.js';
import { loadHeatmap } from './load-heatmap.js';

function series(intervals: readonly (readonly number[])[]): LoadSeries {
  const recorder = new ShardRecorder(1, false);
  const made = new LoadSeries(100);
  for (const [i, latencies] of intervals.entries()) {
    for (const ms of latencies) recorder.ok(0, ms, ms, ms);
    const fromMs = i * 100;
    made.add(
      recorder.drain({ fromMs, toMs: fromMs + 100, inFlight: 1, waiting: 0, active: 1, busyMs: 1 }),
      0,
    );
  }
  return made;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('loadHeatmap', () => {
  it('counts every call once, whatever the latencies, in bounded columns and rising bands', () => {
    const latencies = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(latencies, { minLength: 2, maxLength: 400 }), (intervals) => {
        const heatmap = loadHeatmap(series(intervals).points);
        const calls = intervals.reduce((total, some) => total + some.length, 0);
        if (heatmap === undefined) {
          expect(calls).toBe(0);
          return;
        }
        expect(sum(heatmap.counts.map(sum)) + sum(heatmap.overflow)).toBe(calls);
        expect(heatmap.t.length).toBeLessThanOrEqual(150);
        expect(heatmap.edges.length).toBeLessThanOrEqual(36);
        expect([...heatmap.edges].sort((a, b) => a - b)).toEqual(heatmap.edges);
        for (const counts of heatmap.counts) expect(counts.length).toBe(heatmap.edges.length);
      }),
      { numRuns: 40 },
    );
  });

  it('puts a call far above all others into the overflow, in its own interval', () => {
    const fast = Array.from({ length: 2000 }, () => 1);
    const heatmap = loadHeatmap(series([fast, [...fast, 30_000], fast]).points)!;
    expect(heatmap.overflow).toEqual([0, 1, 0]);
    expect(heatmap.edges.at(-1)).toBeLessThan(2);
  });

  it('has nothing to show of one interval', () => {
    expect(loadHeatmap(series([[1, 2, 3]]).points)).toBeUndefined();
  });
});
