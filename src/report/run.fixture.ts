import type { Metrics, RunResult, TestResult } from '../core/index.js';

const ms = (value: number | null) => ({ value, unit: 'ms', ci95: null });

/** Latencies and rates as a load gives them. */
export function loadMetrics(calls: number, failed: number, scale = 1): Metrics {
  return {
    'calls.total': { value: calls, unit: 'count' },
    'calls.ok': { value: calls - failed, unit: 'count' },
    'calls.failed': { value: failed, unit: 'count' },
    success_rate: { value: (calls - failed) / calls, unit: 'ratio', ci95: null },
    throughput: { value: calls / 10, unit: 'ops/s', ci95: null },
    'latency.min': ms(0.4 * scale),
    'latency.mean': ms(1.1 * scale),
    'latency.p50': ms(0.9 * scale),
    'latency.p90': ms(1.6 * scale),
    'latency.p95': ms(2.1 * scale),
    'latency.p99': ms(calls >= 100 ? 9.83 * scale : null),
    'latency.p999': ms(calls >= 1000 ? 22 * scale : null),
    'latency.max': ms(31 * scale),
    'target.rss.start': { value: 101.2, unit: 'MB' },
    'target.rss.max': { value: 151.9, unit: 'MB' },
    'target.rss.end': { value: 143.4, unit: 'MB' },
    'target.cpu.mean': { value: 98.1, unit: '%' },
  };
}

/** A test of a run; passes unless said otherwise. */
export function testResult(part: Partial<TestResult> = {}): TestResult {
  return {
    id: 'single-tool-latency',
    title: 'One call after another',
    tags: ['performance', 'load'],
    status: 'pass',
    durationMs: 65_021,
    metrics: loadMetrics(400, 0),
    thresholds: [
      {
        name: 'PERF_AVG_LATENCY_MS',
        metric: 'latency.mean',
        op: '<',
        limit: 100,
        unit: 'ms',
        observed: 1.1,
        status: 'pass',
      },
      {
        name: 'PERF_P95_LATENCY_MS',
        metric: 'latency.p95',
        op: '<',
        limit: 200,
        unit: 'ms',
        observed: 2.1,
        status: 'pass',
      },
      {
        name: 'PERF_P99_LATENCY_MS',
        metric: 'latency.p99',
        op: '<',
        limit: 500,
        unit: 'ms',
        observed: 9.83,
        status: 'pass',
      },
    ],
    failures: [],
    operations: { 'tools/call echo': { metrics: loadMetrics(400, 0) } },
    series: { t: [1, 2], throughput: [39, 41] },
    histograms: {},
    samples: [],
    notJudged: [],
    notes: ['Closed model: a stall of the server is not in these latencies.'],
    generator: {
      cpuPercent: 41,
      busyPercent: 11.2,
      loopLagP99Ms: 0.2,
      scheduleLagP99Ms: 0.1,
      limited: false,
      evidence: [],
    },
    ...part,
  };
}

/** A failing run with something in every section. */
export function runResult(part: Partial<RunResult> = {}): RunResult {
  return {
    schema: 'dyno.run/1',
    id: '2026-11-22T23-10-05Z-8f3a',
    startedAt: '2026-11-22T23:10:05.000Z',
    durationMs: 61_234,
    tool: { name: 'mcp-dyno', version: '0.1.0' },
    environment: { node: '20.19.0', os: 'linux 6.8', cpu: 'Some CPU', cores: 2, memoryBytes: 8e9 },
    target: {
      kind: 'stdio',
      command: 'node build/server.js',
      serverInfo: { name: 'acme-inventory', version: '2.1.0' },
      protocolVersion: '2025-11-25',
      era: 'session',
      tools: 14,
      catalogueBytes: 48_123,
      catalogueTokens: 12_030,
    },
    plan: { profile: 'quick' },
    tests: [
      testResult(),
      testResult({
        id: 'throughput-under-load',
        status: 'fail',
        metrics: loadMetrics(41_203, 120, 3),
        thresholds: [
          {
            name: 'PERF_MIN_THROUGHPUT',
            metric: 'throughput',
            op: '>=',
            limit: 10_000,
            unit: 'ops/s',
            observed: 4120.3,
            status: 'fail',
          },
          {
            name: 'p95 < 5ms',
            metric: 'latency.p95',
            operation: 'tools/call get_inventory',
            op: '<',
            limit: 5,
            unit: 'ms',
            observed: 6.3,
            status: 'fail',
          },
        ],
        operations: {
          'tools/call get_inventory': { metrics: loadMetrics(27_411, 100, 3) },
          'tools/call stock_level': { metrics: loadMetrics(13_712, 20, 3) },
          'tools/call list_warehouses': { metrics: loadMetrics(80, 0, 3) },
        },
        failures: [
          { class: 'tool', message: 'customer_id unknown', count: 119, firstAt: 120, lastAt: 4980 },
          { class: 'timeout', message: 'no answer within 30 s', count: 1, firstAt: 500, lastAt: 500 },
        ],
        samples: [
          {
            class: 'tool',
            operation: 'tools/call get_inventory',
            request: '{"item_id":"ITEM001"}',
            response: '{"isError":true}',
            at: 120,
          },
        ],
        notJudged: ['leak: 8 s watched, 120 s needed'],
      }),
      testResult({
        id: 'session-churn',
        status: 'skipped',
        reason: 'the stateless era has no sessions',
        thresholds: [],
        operations: {},
        metrics: {},
      }),
    ],
    verdict: {
      status: 'fail',
      exitCode: 99,
      sentence:
        '1 of 2 tests failed. throughput-under-load: throughput is 4120 ops/s, limit >= 10000 ops/s (and 1 more).',
      exercised: 'get_inventory, stock_level, list_warehouses · 41,603 calls · 120 errors',
    },
    warnings: ['search_orders failed in its first call: isError: "customer_id unknown"'],
    ...part,
  };
}
