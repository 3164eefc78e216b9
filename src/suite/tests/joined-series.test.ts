import { expect, it } from 'vitest';
import { seriesColumns } from '../../load/index.js';
import { ShardRecorder } from '../../load/recording/shard-recorder.js';
import { LoadSeries } from '../../load/runner/load-series.js';
import type { LoadedPart } from '../suite-test.js';
import { joinedSeries } from './joined-series.js';

/** A load of so many intervals of 100 ms, two calls in each, watched. */
function load(intervals: number): LoadedPart {
  const series = new LoadSeries(100);
  const recorder = new ShardRecorder(1, false);
  for (let i = 0; i < intervals; i++) {
    recorder.ok(0, 1 + i, 1, 1);
    recorder.ok(0, 2, 1, 1);
    const fromMs = 100 * i;
    series.add(
      recorder.drain({ fromMs, toMs: fromMs + 100, inFlight: 1, waiting: 0, active: 1, busyMs: 0 }),
      0,
    );
  }
  const columns = { ...seriesColumns(series.points, false), 'target.rss': series.points.map((_, i) => i) };
  return { report: { series: series.points }, parts: { series: columns } } as unknown as LoadedPart;
}

it('puts loads one after another as they are, where there is room', () => {
  const joined = joinedSeries([load(3), load(2)], [0, 300]);
  expect(joined['t']).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  expect(joined['target.rss']).toEqual([0, 1, 2, 0, 1]);
  expect(joined['latency.max']).toEqual([2, 2, 3, 2, 2]);
});

it('puts neighbours together where there are more than 600 points, and loses no call', () => {
  const joined = joinedSeries([load(500), load(7), load(400)], [0, 50_000, 50_700]);
  // Two and two: 250 + 4 + 200.
  for (const column of Object.values(joined)) expect(column.length).toBe(454);
  const times = joined['t'] as number[];
  expect(times.every((time, i) => i === 0 || time > times[i - 1]!)).toBe(true);
  const calls = joined['throughput']!.map((rate, i) => Number(rate) * (times[i]! - (times[i - 1] ?? 0)));
  expect(calls.reduce((sum, value) => sum + value, 0)).toBeCloseTo(2 * 907, 3);
  expect(joined['latency.max']!.slice(0, 3)).toEqual([2, 4, 6]);
  // The last interval of the second load has no neighbour.
  expect(joined['target.rss']!.slice(249, 255)).toEqual([499, 1, 3, 5, 6, 1]);
});
