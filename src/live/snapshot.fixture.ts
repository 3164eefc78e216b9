import type { LiveSnapshot } from './snapshot.js';

/** A load at work, with something in every field. */
export function liveSnapshot(part: Partial<LiveSnapshot> = {}): LiveSnapshot {
  return {
    test: 'throughput-under-load',
    title: 'Throughput at 10 in flight',
    phase: '20 in flight',
    position: { index: 3, count: 15 },
    elapsedMs: 5100,
    totalMs: 8000,
    offered: 3000,
    achieved: 2914,
    calls: 14_861,
    failed: 4,
    inFlight: 10,
    dropped: 0,
    generatorBusy: 0.113,
    scheduleLagMs: 0.12,
    recent: { p50: 3.1, p90: 4.4, p99: 9.8, max: 31 },
    total: { p50: 3.0, p90: 4.2, p99: 9.1, max: 31 },
    series: { rate: [2500, 2700, 2900, 2800, 2914], p99: [4, 4, null, 9, 4] },
    heat: [
      { upToMs: 0.1, count: 0 },
      { upToMs: 1, count: 40 },
      { upToMs: 10, count: 9000 },
      { upToMs: 100, count: 12 },
      { upToMs: Infinity, count: 0 },
    ],
    target: { cpu: 98, rssMb: 143, slope: 0.9 },
    thresholds: [
      { name: 'latency.p95 < 200 ms', status: 'pass' },
      { name: 'PERF_MIN_THROUGHPUT', status: 'fail' },
    ],
    topErrors: [{ class: 'tool', message: 'customer_id unknown', count: 4 }],
    ...part,
  };
}
