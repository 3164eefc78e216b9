import { Histogram } from '../core/histogram/index.js';
import { seededRandom, type Metrics, type RunResult, type TestResult } from '../core/index.js';
import { runResult, testResult } from './run.fixture.js';

/** How large a made-up run is. */
export interface RunSize {
  seconds: number;
  operations: number;
  /** Intervals of the series; at most 600 in a real run. */
  points: number;
  callsPerSecond: number;
}

/** The size that the bars of the HTML report speak of. */
export const oneHour: RunSize = { seconds: 3600, operations: 20, points: 600, callsPerSecond: 2000 };

/**
 * A run with the shape of a real one, by a seed: lognormal latencies that rise in the middle, rare slow calls, failures in
 * a fault window, memory that grows, levels with a scalability law, and a comparison with a baseline.
 */
export function longRun(size: RunSize = oneHour): RunResult {
  const load = loadTest(size);
  const base = shifted(Histogram.fromBase64(load.histograms['latency']!), 0.72);
  return runResult({
    durationMs: size.seconds * 1000,
    tests: [load, levelsTest()],
    comparison: { ...comparison(), histograms: { [load.id]: { latency: base.toBase64() } } },
    verdict: {
      status: 'fail',
      exitCode: 99,
      sentence: '1 of 2 tests failed. soak: latency.p99 is above its limit.',
      exercised: `${size.operations} tools · ${load.metrics['calls.total']!.value!.toLocaleString('en')} calls`,
    },
  });
}

interface Measured {
  all: Histogram;
  byOperation: Histogram[];
  series: TestResult['series'];
  heatmap: NonNullable<TestResult['heatmap']>;
  failed: number;
}

function loadTest(size: RunSize): TestResult {
  const { all, byOperation, series, heatmap, failed } = measure(size);
  const names = byOperation.map((_, i) => `tools/call operation_${i}`);
  const base = shifted(all, 0.8);
  const metrics: Metrics = {
    ...metricsOf(all, failed, size.seconds),
    'target.rss.start': { value: 101.2, unit: 'MB' },
    'target.rss.max': { value: 151.9, unit: 'MB' },
    'target.cpu.mean': { value: 98.1, unit: '%' },
    'leak.bytes_per_call': { value: 7.1, unit: 'B', ci95: [6.4, 7.9] },
    'leak.mb_per_hour': { value: 51.1, unit: 'MB', ci95: [46, 57] },
  };
  return testResult({
    id: 'soak',
    title: 'A steady load for an hour',
    status: 'fail',
    reason: 'latency.p99 is above its limit',
    durationMs: size.seconds * 1000,
    metrics,
    thresholds: [
      {
        name: 'latency.p99 < 10ms',
        metric: 'latency.p99',
        op: '<',
        limit: 10,
        unit: 'ms',
        observed: metrics['latency.p99']!.value,
        status: metrics['latency.p99']!.value! < 10 ? 'pass' : 'fail',
      },
      {
        name: 'latency.p50 < 5ms',
        metric: 'latency.p50',
        op: '<',
        limit: 5,
        unit: 'ms',
        observed: metrics['latency.p50']!.value,
        status: 'pass',
      },
    ],
    operations: Object.fromEntries(
      names.map((name, i) => [name, { metrics: metricsOf(byOperation[i]!, 0, size.seconds) }]),
    ),
    series,
    heatmap,
    windows: [{ kind: 'fault', label: 'packet loss 2 %', from: size.seconds * 0.6, to: size.seconds * 0.65 }],
    histograms: {
      latency: all.toBase64(),
      service_time: base.toBase64(),
      ...Object.fromEntries(
        names.map((name, i) => [`latency{operation=${name}}`, byOperation[i]!.toBase64()]),
      ),
    },
    failures: [
      {
        class: 'timeout',
        message: 'no answer within 30 s',
        count: Math.max(1, failed),
        firstAt: 5,
        lastAt: 90,
      },
    ],
    notJudged: [],
  });
}

function measure({ seconds, operations, points, callsPerSecond }: RunSize): Measured {
  const random = seededRandom(7);
  const all = new Histogram();
  const byOperation = Array.from({ length: operations }, () => new Histogram());
  const edges = Array.from({ length: 36 }, (_, i) => Number((0.8 * 1.12 ** (i + 1)).toPrecision(5)));
  const heatmap: Measured['heatmap'] = { t: [], edges, counts: [], overflow: [], failures: [] };
  const series: Record<string, (number | null)[]> = Object.fromEntries(
    [
      'throughput',
      'offered_rate',
      'failures',
      'in_flight',
      'waiting',
      'latency.p50',
      'latency.p90',
      'latency.p99',
      'latency.max',
      'target.rss',
      'target.cpu',
    ].map((name) => [name, []]),
  );
  const t: number[] = [];
  const perPoint = Math.round((seconds * callsPerSecond) / points);
  const drawn = Math.min(perPoint, 1200);
  const columnsPer = Math.max(1, Math.ceil(points / 150));
  let failed = 0;
  for (let i = 0; i < points; i++) {
    const share = (i + 0.5) / points;
    const slow = share > 0.4 && share < 0.5 ? 1.6 : 1;
    const fault = share > 0.6 && share < 0.65;
    const point = new Histogram();
    const counts = edges.map(() => 0);
    let overflow = 0;
    for (let call = 0; call < drawn; call++) {
      const operation = Math.floor(random.next() * operations);
      const tail = random.next() < 0.004 ? 8 : 1;
      const ms = (2 + operation * 0.15) * slow * tail * Math.exp(0.35 * random.normal(0, 1));
      const weight = Math.floor(perPoint / drawn) + (call < perPoint % drawn ? 1 : 0);
      point.record(ms, weight);
      byOperation[operation]!.record(ms, weight);
      const band = edges.findIndex((edge) => ms <= edge);
      if (band === -1) overflow += weight;
      else counts[band]! += weight;
    }
    all.add(point);
    const failures = fault ? Math.round(perPoint * 0.01) : 0;
    failed += failures;
    t.push(Number((((i + 1) * seconds) / points).toFixed(3)));
    const rate = callsPerSecond * (fault ? 0.96 : 1) * (1 + 0.01 * random.normal(0, 1));
    const row: Record<string, number | null> = {
      throughput: rate,
      offered_rate: callsPerSecond,
      failures,
      in_flight: Math.round(10 * slow + 2 * random.next()),
      waiting: fault ? 14 : 0,
      'latency.p50': point.quantile(0.5),
      'latency.p90': point.quantile(0.9),
      'latency.p99': point.quantile(0.99),
      'latency.max': point.quantile(1),
      'target.rss': 101 + 50 * share + 4 * ((i % 20) / 20),
      'target.cpu': 96 + 3 * random.next(),
    };
    for (const [name, value] of Object.entries(row))
      series[name]!.push(value === null ? null : Number(value.toFixed(3)));
    if (i % columnsPer === 0) {
      heatmap.t.push(t.at(-1)!);
      heatmap.counts.push(counts);
      heatmap.overflow.push(overflow);
      heatmap.failures.push(failures);
      continue;
    }
    const last = heatmap.t.length - 1;
    heatmap.t[last] = t.at(-1)!;
    for (const [band, count] of counts.entries()) heatmap.counts[last]![band]! += count;
    heatmap.overflow[last]! += overflow;
    heatmap.failures[last]! += failures;
  }
  return { all, byOperation, series: { t, ...series } as TestResult['series'], heatmap, failed };
}

function metricsOf(histogram: Histogram, failed: number, seconds: number): Metrics {
  const ms = (q: number): Metrics[string] => {
    const value = histogram.quantile(q)!;
    return { value, unit: 'ms', ci95: [value * 0.99, value * 1.01] };
  };
  const calls = histogram.count + failed;
  return {
    'calls.total': { value: calls, unit: 'count' },
    'calls.ok': { value: histogram.count, unit: 'count' },
    'calls.failed': { value: failed, unit: 'count' },
    success_rate: { value: histogram.count / calls, unit: 'ratio', ci95: null },
    throughput: { value: histogram.count / seconds, unit: 'ops/s', ci95: null },
    'latency.mean': { value: histogram.mean(), unit: 'ms' },
    'latency.p50': ms(0.5),
    'latency.p90': ms(0.9),
    'latency.p95': ms(0.95),
    'latency.p99': ms(0.99),
    'latency.p999': ms(0.999),
    'latency.max': { value: histogram.quantile(1), unit: 'ms' },
  };
}

function shifted(from: Histogram, factor: number): Histogram {
  const made = new Histogram();
  for (const { ms, count } of from.buckets()) made.record(ms * factor, count);
  return made;
}

const law = { lambda: 300, sigma: 0.04, kappa: 0.0006 };

function levelsTest(): TestResult {
  const levels = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64].map((n) => {
    const throughput = (law.lambda * n) / (1 + law.sigma * (n - 1) + law.kappa * n * (n - 1));
    return {
      in_flight: n,
      throughput,
      throughput_ci95: [throughput * 0.96, throughput * 1.04],
      success_rate: 1,
      p50: (1000 * n) / throughput,
      p99: (1400 * n) / throughput,
    };
  });
  const interval = (value: number) => ({ value, ci95: [value * 0.92, value * 1.08] });
  return testResult({
    id: 'max-throughput',
    title: 'More and more calls in flight',
    thresholds: [],
    metrics: {
      'capacity.max_throughput': { value: 3020, unit: 'ops/s', ci95: [2950, 3090] },
      'capacity.knee_concurrency': { value: 11, unit: 'count', ci95: [10, 12] },
      'usl.peak_concurrency': { value: 40, unit: 'count' },
    },
    details: {
      levels,
      usl: {
        kind: 'fit',
        lambda: interval(law.lambda),
        sigma: interval(law.sigma),
        kappa: interval(law.kappa),
      },
    },
  });
}

function comparison(): NonNullable<RunResult['comparison']> {
  const one = (
    metric: string,
    unit: string,
    base: number,
    now: number,
    half: number,
    verdict: 'regression' | 'improvement' | 'equivalent' | 'inconclusive',
  ) => {
    const ratio = now / base;
    return {
      metric,
      test: 'soak',
      unit,
      base,
      now,
      ratio,
      ci95: [ratio * (1 - half), ratio * (1 + half)] as [number, number],
      delta: 0.05,
      verdict,
      ...(verdict === 'inconclusive' ? { reason: 'the noise is wider than the question' } : {}),
    };
  };
  return {
    kind: 'stored',
    base: 'main',
    now: 'this run',
    verdict: 'regression',
    sentence: 'Worse than main: latency.p99 +38 %.',
    metrics: [
      one('latency.p50', 'ms', 3.0, 3.02, 0.02, 'equivalent'),
      one('latency.p99', 'ms', 9.1, 12.6, 0.06, 'regression'),
      one('latency.max', 'ms', 60, 71, 0.4, 'inconclusive'),
      one('target.rss.end', 'MB', 180, 151, 0.03, 'improvement'),
      one('throughput', 'ops/s', 2014, 1996, 0.01, 'equivalent'),
    ],
    warnings: ['Base ran on another machine: 4 cores, now 2.'],
  };
}
