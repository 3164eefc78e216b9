import type { LatencySnapshot, LiveSnapshot, ThresholdSnapshot } from '../live/index.js';
import { Summary, type OperationTotals, type SeriesPoint } from '../load/index.js';
import { gaugesOf } from '../load/runner/load-series.js';
import { thresholdsFor, type Threshold } from '../plan/thresholds/index.js';
import type { TestProgress } from '../suite/index.js';
import { liveThresholds, type LoadTotals } from './live-thresholds.js';

const recentMs = 10_000;
const paceMs = 2000;
/** Upper ends of the buckets of the heat strip, ms. */
const heatEdges = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000];

/** Makes snapshots of what tests report; keeps what would be costly to work out again for every frame. */
export class SnapshotMaker {
  readonly #thresholds: readonly Threshold[];
  readonly #p99 = new WeakMap<SeriesPoint, number | null>();
  readonly #tests: readonly string[];
  #test = '';
  #recent: { at: number; latency: Summary } | undefined;
  #rss: { t: number; mb: number }[] = [];

  /** @param tests the ids of all tests, in their order. */
  constructor(thresholds: readonly Threshold[], tests: readonly string[]) {
    this.#thresholds = thresholds;
    this.#tests = tests;
  }

  /** The newest state as plain data. */
  snapshot({ test, phase, plan, load, target }: TestProgress): LiveSnapshot {
    if (test.id !== this.#test) {
      this.#test = test.id;
      this.#rss = [];
      this.#recent = undefined;
    }
    const { points, elapsedMs } = load;
    const all = totalsOf(load.operations);
    const recent = this.#recentLatency(points, elapsedMs);
    const last = points.at(-1);
    const pace = points.filter((point) => point.toMs > elapsedMs - paceMs);
    const paceSeconds = pace.reduce((sum, point) => sum + point.toMs - point.fromMs, 0) / 1000;
    const open = 'arrivals' in plan.executor;
    return {
      test: test.id,
      title: test.title,
      phase: elapsedMs < 0 ? 'warm-up' : phase,
      ...(this.#tests.length > 1
        ? { position: { index: this.#tests.indexOf(test.id) + 1, count: this.#tests.length } }
        : {}),
      elapsedMs: Math.max(0, elapsedMs),
      ...(load.totalMs === undefined ? {} : { totalMs: load.totalMs }),
      ...(open
        ? {
            offered: perSecond(
              pace.reduce((sum, point) => sum + point.offered, 0),
              paceSeconds,
            ),
          }
        : {}),
      achieved: perSecond(
        pace.reduce((sum, point) => sum + okOf(point), 0),
        paceSeconds,
      ),
      calls: all.ok + all.failures,
      failed: all.failures,
      inFlight: last === undefined ? 0 : gaugesOf(last).inFlight,
      dropped: load.dropped,
      generatorBusy: busyOf(last, plan.workers),
      recent: latencies(recent),
      total: latencies(all.latency),
      series: {
        rate: points.map((point) => perSecond(okOf(point), (point.toMs - point.fromMs) / 1000)),
        p99: points.map((point) => this.#pointP99(point)),
      },
      heat: heatOf(recent),
      ...(target === undefined
        ? {}
        : { target: { cpu: target.cpuPercent, rssMb: target.rssBytes / 1e6, slope: this.#slope(target) } }),
      thresholds: this.#judged(test.id, all, load.elapsedMs),
      topErrors: load.failures.failures
        .slice(0, 3)
        .map(({ class: kind, message, count }) => ({ class: kind, message, count })),
    };
  }

  #judged(test: string, totals: LoadTotals, elapsedMs: number): ThresholdSnapshot[] {
    return liveThresholds(thresholdsFor(test, this.#thresholds), totals, elapsedMs);
  }

  /** Histograms of ten seconds take a while to add up: once a second is enough for the eye. */
  #recentLatency(points: readonly SeriesPoint[], elapsedMs: number): Summary {
    const known = this.#recent;
    if (known && elapsedMs - known.at < 1000 && elapsedMs >= known.at) return known.latency;
    const latency = latencyOf(points.filter((point) => point.toMs > elapsedMs - recentMs));
    this.#recent = { at: elapsedMs, latency };
    return latency;
  }

  #pointP99(point: SeriesPoint): number | null {
    const known = this.#p99.get(point);
    if (known !== undefined) return known;
    const value = latencyOf([point]).histogram.quantile(0.99);
    this.#p99.set(point, value);
    return value;
  }

  /** MB per second over the last samples, from the least of each half, so that collections do not tilt it. */
  #slope({ t, rssBytes }: { t: number; rssBytes: number }): number | null {
    const last = this.#rss.at(-1);
    if (last === undefined || t > last.t) this.#rss.push({ t, mb: rssBytes / 1e6 });
    if (this.#rss.length > 120) this.#rss.shift();
    if (this.#rss.length < 8) return null;
    const half = Math.floor(this.#rss.length / 2);
    const least = (samples: readonly { t: number; mb: number }[]) =>
      samples.reduce((low, sample) => (sample.mb < low.mb ? sample : low));
    const [early, late] = [least(this.#rss.slice(0, half)), least(this.#rss.slice(half))];
    return late.t === early.t ? null : ((late.mb - early.mb) / (late.t - early.t)) * 1000;
  }
}

/** All operations of a load as one; of their times only the latency, as adding histograms up costs most. */
export function totalsOf(operations: readonly OperationTotals[]): LoadTotals {
  const latency = new Summary();
  let ok = 0;
  let failures = 0;
  for (const operation of operations) {
    ok += operation.ok;
    failures += operation.failures;
    latency.add(operation.latency);
  }
  return { ok, failures, latency };
}

function latencyOf(points: readonly SeriesPoint[]): Summary {
  const latency = new Summary();
  for (const point of points) {
    for (const delta of point.operations) if (delta.latency) latency.addDelta(delta.latency);
  }
  return latency;
}

function perSecond(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}

function okOf(point: SeriesPoint): number {
  return point.operations.reduce((sum, operation) => sum + operation.ok, 0);
}

function busyOf(point: SeriesPoint | undefined, workers: number): number {
  if (point === undefined || point.toMs <= point.fromMs) return 0;
  return Math.min(1, point.busyMs / (point.toMs - point.fromMs) / workers);
}

function latencies({ histogram, count, maxMs }: Summary): LatencySnapshot {
  return {
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p99: count >= 100 ? histogram.quantile(0.99) : null,
    max: count > 0 ? maxMs : null,
  };
}

function heatOf({ histogram, count }: Summary): NonNullable<LiveSnapshot['heat']> {
  if (count === 0) return [];
  let above = count;
  const buckets = heatEdges.map((upToMs) => {
    const over = histogram.countAbove(upToMs);
    const inside = above - over;
    above = over;
    return { upToMs, count: inside };
  });
  return [...buckets, { upToMs: Infinity, count: above }];
}
