import { usageError, type ThresholdOperator } from '../../core/index.js';
import type { Threshold } from './threshold.js';
import { findMetric } from './metric.js';
import { ownUnit } from './unit.js';

/** One limit that a variable sets: on which test and metric, and by how much the variable's value is multiplied. */
interface Decides {
  test: string;
  metric: string;
  factor?: number;
}

/** One of the 22 `PERF_*` variables. */
export interface PerformanceVariable {
  name: string;
  default: number;
  unit: string;
  op: ThresholdOperator;
  decides: readonly Decides[];
  /** Values outside are a configuration error. */
  min: number;
  max: number;
}

const upTo = (name: string, value: number, unit: string, ...decides: Decides[]): PerformanceVariable => ({
  name,
  default: value,
  unit,
  op: '<',
  decides,
  min: 0,
  max: Infinity,
});

const atLeast = (name: string, value: number, unit: string, ...decides: Decides[]): PerformanceVariable => ({
  name,
  default: value,
  unit,
  op: '>=',
  decides,
  min: 0,
  max: unit === '' ? 1 : Infinity,
});

/** A mean, and a maximum of some times that. */
const meanAndMax = (test: string, family: string, factor: number): Decides[] => [
  { test, metric: `${family}.mean` },
  { test, metric: `${family}.max`, factor },
];

const inFlight = (test: string, metric: string, levels: number[]): Decides[] =>
  levels.map((level) => ({ test, metric: `at_${level}.${metric}` }));

/** The 22 thresholds of the suite by environment variable, with their defaults and what each decides. */
export const performanceVariables: readonly PerformanceVariable[] = [
  upTo('PERF_AVG_LATENCY_MS', 100, 'ms', { test: 'single-tool-latency', metric: 'latency.mean' }),
  upTo('PERF_P95_LATENCY_MS', 200, 'ms', { test: 'single-tool-latency', metric: 'latency.p95' }),
  upTo('PERF_P99_LATENCY_MS', 500, 'ms', { test: 'single-tool-latency', metric: 'latency.p99' }),
  atLeast('PERF_MIN_THROUGHPUT', 10, 'ops/s', { test: 'throughput-under-load', metric: 'throughput' }),
  upTo('PERF_MAX_MEMORY_INCREASE_MB', 500, 'MB', {
    test: 'memory-under-load',
    metric: 'target.rss.increase',
  }),
  upTo('PERF_MAX_MEMORY_MB', 2000, 'MB', { test: 'memory-under-load', metric: 'target.rss.max' }),
  atLeast(
    'PERF_MIN_SUCCESS_RATE',
    0.8,
    '',
    { test: 'throughput-under-load', metric: 'success_rate' },
    ...inFlight('concurrent-execution', 'success_rate', [5, 20, 100]),
  ),
  upTo('PERF_MAX_SEARCH_TIME_MS', 100, 'ms', ...meanAndMax('tool-discovery', 'search_time', 5)),
  upTo('PERF_MAX_BINDING_TIME_MS', 100, 'ms', ...meanAndMax('tool-binding', 'binding_time', 5)),
  upTo('PERF_MAX_ROUTING_TIME_MS', 100, 'ms', ...meanAndMax('tool-routing', 'routing_time', 5)),
  upTo('PERF_MAX_VALIDATION_TIME_MS', 10, 'ms', ...meanAndMax('tool-validation', 'validation_time', 10)),
  upTo('PERF_MAX_DISCOVERY_TIME_MS', 100, 'ms', ...meanAndMax('service-discovery', 'lookup_time', 5)),
  atLeast('PERF_MIN_METRIC_THROUGHPUT', 1000, 'ops/s', { test: 'monitoring', metric: 'record_rate' }),
  upTo('PERF_MAX_METRIC_RETRIEVAL_MS', 1000, 'ms', { test: 'monitoring', metric: 'retrieval_time' }),
  upTo('PERF_MAX_WORKFLOW_TIME_MS', 500, 'ms', ...meanAndMax('end-to-end-workflow', 'workflow_time', 4)),
  atLeast('PERF_MIN_CONCURRENT_CONNECTIONS', 10, 'connections', {
    test: 'max-connections',
    metric: 'capacity.max_connections',
  }),
  atLeast('PERF_MIN_MAX_THROUGHPUT', 50, 'ops/s', {
    test: 'max-throughput',
    metric: 'capacity.max_throughput',
  }),
  upTo('PERF_MAX_EXTREME_LOAD_MEMORY_MB', 1000, 'MB', {
    test: 'extreme-load-memory',
    metric: 'target.rss.increase',
  }),
  atLeast('PERF_MIN_EXTREME_LOAD_SUCCESS_RATE', 0.5, '', {
    test: 'extreme-load-memory',
    metric: 'success_rate',
  }),
  atLeast('PERF_MIN_SUSTAINED_THROUGHPUT', 5, 'ops/s', { test: 'sustained-stability', metric: 'throughput' }),
  atLeast('PERF_MIN_SUSTAINED_SUCCESS_RATE', 0.7, '', {
    test: 'sustained-stability',
    metric: 'success_rate',
  }),
  upTo('PERF_MAX_MEMORY_VARIANCE_MB', 100, 'MB', { test: 'sustained-stability', metric: 'target.rss.stdev' }),
];

/** The value of a variable as it was set. */
export function parsePerformanceValue(variable: PerformanceVariable, text: string): number {
  const trimmed = text.trim();
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN;
  if (!Number.isFinite(value)) {
    throw usageError(
      `Expected ${variable.name} to be a number${inUnit(variable)}, got '${text}'`,
      `Its default is ${variable.default}.`,
    );
  }
  if (value < variable.min || value > variable.max) {
    throw usageError(
      `Expected ${variable.name} to be ${variable.max === 1 ? 'a share from 0 to 1' : 'zero or more'}, got '${text}'`,
    );
  }
  return value;
}

function inUnit(variable: PerformanceVariable): string {
  return variable.unit === '' ? '' : ` (${variable.unit})`;
}

/** The thresholds that a variable sets at this value. */
export function thresholdsOf(variable: PerformanceVariable, value: number): Threshold[] {
  return variable.decides.map(({ test, metric, factor = 1 }) => ({
    name: variable.name,
    test,
    metric,
    op: variable.op,
    limit: value * factor,
    unit: ownUnit(findMetric(metric)!.dimension),
  }));
}
