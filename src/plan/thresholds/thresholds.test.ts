import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynoError } from '../../core/index.js';
import { mergeThresholds, strangePerformanceVariables, thresholdsFor } from './layers.js';
import { findMetric, knownMetrics, shortForms } from './metric.js';
import { performanceVariables } from './performance-variables.js';
import { parseThreshold } from './threshold.js';
import { allowedUnits, unitFactor } from './unit.js';

const parse = (text: string) => parseThreshold(text, '--threshold');

function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    expect(error.exitCode).toBe(104);
    return `${error.message} | ${error.hint ?? ''}`;
  }
  throw new Error('Expected it to throw');
}

describe('the grammar of thresholds', () => {
  it.each([
    ['latency.p95 < 200ms', { metric: 'latency.p95', op: '<', limit: 200, unit: 'ms' }],
    ['latency.p95<=0.2s', { metric: 'latency.p95', op: '<=', limit: 200 }],
    ['p95 > 200', { metric: 'latency.p95', op: '>', limit: 200 }],
    ['throughput >= 10 ops/s', { metric: 'throughput', op: '>=', limit: 10, unit: 'ops/s' }],
    ['throughput > 600/min', { metric: 'throughput', limit: 10 }],
    ['success_rate >= 99.5%', { metric: 'success_rate', limit: 0.995, unit: '' }],
    ['success_rate >= 0.995', { limit: 0.995 }],
    ['target.rss.max < 1.5 GB', { metric: 'target.rss.max', limit: 1500, unit: 'MB' }],
    ['target.rss.max < 100MiB', { limit: 104.8576 }],
    ['target.cpu.mean < 80%', { limit: 80, unit: '%' }],
    ['leak.bytes_per_call < 2kB', { limit: 2000, unit: 'B' }],
    ['leak.mb_per_hour < 1MB/h', { limit: 1, unit: 'MB/h' }],
    ['calls.failed <= 0', { metric: 'calls.failed', limit: 0, unit: '' }],
    ['validation_time.mean < 500us', { limit: 0.5 }],
    ['at_5.success_rate > 90%', { metric: 'at_5.success_rate', limit: 0.9 }],
    ['at_100.p99 < 1s', { metric: 'at_100.latency.p99', limit: 1000 }],
    ['throughput-under-load:throughput > 5', { test: 'throughput-under-load', metric: 'throughput' }],
    ['latency.p99{operation=tools/call echo} < 5ms', { metric: 'latency.p99', operation: 'tools/call echo' }],
    ['load : p50 { operation = "ping" } < 1ms', { test: 'load', operation: 'ping' }],
    ['latency.max < 1e3 MS', { limit: 1000 }],
  ])('reads %s', (text, expected) => {
    expect(parse(text)).toMatchObject({ name: text, ...expected });
  });

  it.each([...shortForms])('knows the short form %s', (short, metric) => {
    expect(parse(`${short} < 5ms`).metric).toBe(metric);
  });

  it.each([
    ['latency.p59 < 5ms', /known metric, got 'latency.p59'.*Did you mean 'latency.p50'|p95|p90/],
    ['througput > 5', /Did you mean 'throughput'/],
    ['bananas > 5', /known metric, got 'bananas'.*docs\/options.md/],
    ['at_5.bananas > 5', /known metric/],
    ['at_5.at_6.p50 > 5', /known metric/],
    ['latency.p95 = 5ms', /one of < <= > >=, got '='/],
    ['latency.p95 != 5ms', /one of < <= > >=, got '!='/],
    ['latency.p95 =< 5ms', /one of < <= > >=, got '=<'/],
    ['latency.p95 < fast', /limit.*to be a number, got 'fast'/],
    ['latency.p95 < ', /to be a number/],
    ['latency.p95 < 5 MB', /one of the units ms, us.*got 'MB'/],
    ['calls.failed < 5 ms', /no unit \(calls.failed is a plain number\)/],
    ['success_rate > 99', /share from 0 to 1/],
    ['latency.p95', /to be a threshold/],
    ['', /to be a threshold/],
    ['latency.p95{tool=echo} < 5ms', /operation=NAME, got 'tool=echo'/],
    ['latency.p95 < Infinity', /to be a number/],
    ['latency.p95 < 0x10ms', /to be a number/],
  ])('refuses %s', (text, message) => {
    expect(fault(() => parse(text))).toMatch(message);
  });

  it('reads every metric in every unit of its own, any operator', () => {
    const metric = fc.constantFrom(...knownMetrics.values());
    const op = fc.constantFrom('<', '<=', '>', '>=');
    fc.assert(
      fc.property(
        metric,
        op,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(20),
        (known, operator, value, pick) => {
          const units = ['', ...allowedUnits(known.dimension)];
          const unit = units[pick % units.length]!;
          const number = Number(value.toFixed(6));
          const read = parse(`${known.name} ${operator} ${number}${unit}`);
          expect(read.metric).toBe(known.name);
          expect(read.op).toBe(operator);
          expect(read.limit).toBeCloseTo(number * unitFactor(known.dimension, unit)!, 9);
        },
      ),
    );
  });

  it('never takes long or fails otherwise, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DynoError);
        }
      }),
    );
  });
});

describe('the PERF_* variables', () => {
  // SUITE: "The 22 thresholds (environment variable, default)".
  const suite: Record<string, number> = {
    PERF_AVG_LATENCY_MS: 100,
    PERF_P95_LATENCY_MS: 200,
    PERF_P99_LATENCY_MS: 500,
    PERF_MIN_THROUGHPUT: 10,
    PERF_MAX_MEMORY_INCREASE_MB: 500,
    PERF_MAX_MEMORY_MB: 2000,
    PERF_MIN_SUCCESS_RATE: 0.8,
    PERF_MAX_SEARCH_TIME_MS: 100,
    PERF_MAX_BINDING_TIME_MS: 100,
    PERF_MAX_ROUTING_TIME_MS: 100,
    PERF_MAX_VALIDATION_TIME_MS: 10,
    PERF_MAX_DISCOVERY_TIME_MS: 100,
    PERF_MIN_METRIC_THROUGHPUT: 1000,
    PERF_MAX_METRIC_RETRIEVAL_MS: 1000,
    PERF_MAX_WORKFLOW_TIME_MS: 500,
    PERF_MIN_CONCURRENT_CONNECTIONS: 10,
    PERF_MIN_MAX_THROUGHPUT: 50,
    PERF_MAX_EXTREME_LOAD_MEMORY_MB: 1000,
    PERF_MIN_EXTREME_LOAD_SUCCESS_RATE: 0.5,
    PERF_MIN_SUSTAINED_THROUGHPUT: 5,
    PERF_MIN_SUSTAINED_SUCCESS_RATE: 0.7,
    PERF_MAX_MEMORY_VARIANCE_MB: 100,
  };
  const merged = (environment: Record<string, string>) =>
    mergeThresholds({ config: [], environment, flags: [] });

  it('are the 22 of the suite with its defaults', () => {
    expect(Object.fromEntries(performanceVariables.map(({ name, default: value }) => [name, value]))).toEqual(
      suite,
    );
  });

  it.each(Object.keys(suite))('%s decides, and must be a number', (name) => {
    const limits = (environment: Record<string, string>) =>
      merged(environment)
        .filter((threshold) => threshold.name === name)
        .map((threshold) => threshold.limit);
    const before = limits({});
    expect(before.length).toBeGreaterThan(0);
    const after = limits({ [name]: '0.25' });
    // Means and maxima keep their ratio.
    expect(after.map((limit) => limit / after[0]!)).toEqual(before.map((limit) => limit / before[0]!));
    expect(after[0]).toBe(0.25);
    for (const wrong of ['fast', '', '-1', 'NaN', '1e999', '0x1', '5ms']) {
      expect(fault(() => merged({ [name]: wrong }))).toContain(name);
    }
  });

  it('limits means at once and maxima at their multiple', () => {
    const of = (test: string) => thresholdsFor(test, merged({})).map(({ metric, limit }) => [metric, limit]);
    expect(of('tool-discovery')).toEqual([
      ['search_time.mean', 100],
      ['search_time.max', 500],
    ]);
    expect(of('tool-validation')).toEqual([
      ['validation_time.mean', 10],
      ['validation_time.max', 100],
    ]);
    expect(of('end-to-end-workflow')).toEqual([
      ['workflow_time.mean', 500],
      ['workflow_time.max', 2000],
    ]);
  });

  it('refuses a share above 1 and names the nearest for a slip', () => {
    expect(fault(() => merged({ PERF_MIN_SUCCESS_RATE: '95' }))).toMatch(
      /PERF_MIN_SUCCESS_RATE.*share from 0 to 1/,
    );
    expect(strangePerformanceVariables({ PERF_P95_LATENCY: '5', PERF_RECORD: 'x' })).toEqual([
      "PERF_P95_LATENCY is set but is no variable of dyno. Did you mean 'PERF_P95_LATENCY_MS'?",
    ]);
  });

  it('give way to flags and replace the config file', () => {
    const limit = (layers: Partial<Parameters<typeof mergeThresholds>[0]>) =>
      mergeThresholds({ config: [], environment: {}, flags: [], ...layers })
        .filter(({ test, metric }) => test === 'single-tool-latency' && metric === 'latency.mean')
        .map((threshold) => threshold.limit);
    const config = [parse('single-tool-latency:avg < 70ms')];
    const environment = { PERF_AVG_LATENCY_MS: '60' };
    const flags = [parse('single-tool-latency:avg < 50ms')];
    expect(limit({})).toEqual([100]);
    expect(limit({ config })).toEqual([70]);
    expect(limit({ config, environment })).toEqual([60]);
    expect(limit({ config, environment, flags })).toEqual([50]);
  });
});

describe('metrics of networks', () => {
  it('are known by the network and the metric', () => {
    expect(findMetric('dsl.latency.p95')).toEqual({ name: 'dsl.latency.p95', dimension: 'time' });
    expect(findMetric('3g.p99')).toEqual({ name: '3g.latency.p99', dimension: 'time' });
    expect(findMetric('transatlantic.shift')).toEqual({ name: 'transatlantic.shift', dimension: 'time' });
    expect(findMetric('cut.recovery')).toEqual({ name: 'cut.recovery', dimension: 'time' });
    expect(findMetric('cut.calls.doubled')?.dimension).toBe('count');
    expect(findMetric('dsl.lan.latency.p95')).toBeUndefined();
    expect(findMetric('mars.latency.p95')).toBeUndefined();
  });
});
