import type { LatencySnapshot, LiveSnapshot, ThresholdSnapshot } from '../live/index.js';
import { OperationTotals, type SeriesPoint, type Summary } from '../load/index.js';
import { gaugesOf } from '../load/runner/load-series.js';
import { thresholdsFor, type Threshold } from '../plan/thresholds/index.js';
import type { TestProgress } from '../suite/index.js';
import { liveThresholds } from './live-thresholds.js';

const recentMs = 10_000;
const paceMs = 2000;
/** Upper ends of the buckets of the heat strip, ms. */
const heatEdges = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000];

/** Makes snapshots of what tests report; keeps what would be costly to work out again for every frame. */
export class SnapshotMaker {
  readonly #thresholds: readonly Threshold[];
  readonly #p99 = new WeakMap<SeriesPoint, number | null>();
  readonly #count: number;
  #index = 0;
  #test = '';
  #recent: { at: number; totals: OperationTotals } | undefined;
  #rss: { t: number; mb: number }[] = [];

  /** @param count how many tests there are. */
  constructor(thresholds: readonly Threshold[], count: number) {
    this.#thresholds = thresholds;
    this.#count = count;
  }

  /** The newest state as plain data. */
  snapshot({ test, phase, plan, load, target }: TestProgress): LiveSnapshot {
    if (test.id !== this.#test) {
      this.#test = test.id;
      this.#index++;
      this.#rss = [];
      this.#recent = undefined;
    }
    const { points, elapsedMs } = load;
    const all = new OperationTotals();
    for (const operation of load.operations) all.add(operation);
    const recent = this.#recentTotals(points, elapsedMs);
    const last = points.at(-1);
    const pace = points.filter((point) => point.toMs > elapsedMs - paceMs);
    const paceSeconds = pace.reduce((sum, point) => sum + point.toMs - point.fromMs, 0) / 1000;
    const open = 'arrivals' in plan.executor;
    return {
      test: test.id,
      title: test.title,
      phase: elapsedMs < 0 ? 'warm-up' : phase,
      ...(this.#count > 1 ? { position: { index: this.#index, count: this.#count } } : {}),
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
      recent: latencies(recent.latency),
      total: latencies(all.latency),
      series: {
        rate: points.map((point) => perSecond(okOf(point), (point.toMs - point.fromMs) / 1000)),
        p99: points.map((point) => this.#pointP99(point)),
      },
      heat: heatOf(recent.latency),
      ...(target === undefined
        ? {}
        : { target: { cpu: target.cpuPercent, rssMb: target.rssBytes / 1e6, slope: this.#slope(target) } }),
      thresholds: this.#judged(test.id, all, load.elapsedMs),
      topErrors: load.failures.failures
        .slice(0, 3)
        .map(({ class: kind, message, count }) => ({ class: kind, message, count })),
    };
  }

  #judged(test: string, totals: OperationTotals, elapsedMs: number): ThresholdSnapshot[] {
    return liveThresholds(thresholdsFor(test, this.#thresholds), totals, elapsedMs);
  }

  /** Histograms of ten seconds take a while to add up: once a second is enough for the eye. */
  #recentTotals(points: readonly SeriesPoint[], elapsedMs: number): OperationTotals {
    if (this.#recent && elapsedMs - this.#recent.at < 1000 && elapsedMs >= this.#recent.at)
      return this.#recent.totals;
    const totals = new OperationTotals();
    for (const point of points) {
      if (point.toMs > elapsedMs - recentMs) for (const delta of point.operations) totals.addDelta(delta);
    }
    this.#recent = { at: elapsedMs, totals };
    return totals;
  }

  #pointP99(point: SeriesPoint): number | null {
    const known = this.#p99.get(point);
    if (known !== undefined) return known;
    const totals = new OperationTotals();
    for (const delta of point.operations) totals.addDelta(delta);
    const value = totals.latency.histogram.quantile(0.99);
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
