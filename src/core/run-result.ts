import type { ExitCode } from './exit-code.js';
import type { Json, JsonObject } from './json.js';
import type { FailureClass } from './outcome.js';

/** The name of the contract. It grows by addition only; see `schema/dyno.run.1.json`. */
export const runSchema = 'dyno.run/1';

/** One measured value. `value` is null where there were too few samples to say. */
export interface Metric {
  value: number | null;
  /** `ms`, `ops/s`, `MB`, `%`, `B`, `ratio`, `count`, … */
  unit: string;
  /** A 95 % confidence interval, null where the samples do not allow one; absent where the notion does not apply. */
  ci95?: [number, number] | null;
}

/** Metrics by flat dotted name, such as `latency.p95`. */
export type Metrics = Record<string, Metric>;

/** How a threshold, a test or a run came out. */
export type TestStatus = 'pass' | 'fail' | 'inconclusive' | 'skipped' | 'error';

/** The comparison operators of a threshold. */
export type ThresholdOperator = '<' | '<=' | '>' | '>=';

/** One limit, judged. */
export interface ThresholdResult {
  /** The variable or expression that it came from, such as `PERF_P95_LATENCY_MS` or `latency.p95 < 200ms`. */
  name: string;
  metric: string;
  /** The operation it looks at, such as `tools/call echo`; absent for the whole test. */
  operation?: string;
  op: ThresholdOperator;
  limit: number;
  unit?: string;
  observed: number | null;
  status: 'pass' | 'fail' | 'inconclusive';
}

/** Failures of one class with one message. */
export interface Failure {
  class: FailureClass;
  message: string;
  count: number;
  /** Milliseconds from the start of the test. */
  firstAt: number;
  lastAt: number;
}

/** A failing exchange, redacted and cut to a bounded size. */
export interface ExchangeSample {
  class: FailureClass;
  operation: string;
  request: string;
  response: string;
  /** Milliseconds from the start of the test. */
  at: number;
}

/** What the load generator knows of itself. */
export interface GeneratorReport {
  /** Its CPU, in % of one core, mean over the test. */
  cpuPercent: number;
  /** The largest busy share of a load thread within a second, in %. */
  busyPercent: number;
  loopLagP99Ms: number;
  scheduleLagP99Ms: number;
  /** Time in garbage collection pauses, ms, and the longest one. */
  gcPauseMs?: number;
  gcPauseMaxMs?: number;
  limited: boolean;
  evidence: string[];
}

/** Where latencies lay over time: how many calls ended in each interval with a latency in each band. */
export interface Heatmap {
  /** End of each interval, seconds from the start of the test. */
  t: number[];
  /** Upper edge of each latency band in ms, rising; what lies above the last is counted in `overflow`. */
  edges: number[];
  /** By interval, then by band. */
  counts: number[][];
  overflow: number[];
  /** Calls that failed, by interval. */
  failures: number[];
}

/** A stretch of a test that is not like the rest of it; reports shade it. */
export interface TimeWindow {
  kind: 'warm-up' | 'fault' | 'idle';
  label: string;
  /** Seconds from the start of the test. */
  from: number;
  to: number;
}

/** One test of a run. */
export interface TestResult {
  id: string;
  title: string;
  tags: string[];
  status: TestStatus;
  reason?: string;
  durationMs: number;
  metrics: Metrics;
  thresholds: ThresholdResult[];
  failures: Failure[];
  operations: Record<string, { metrics: Metrics }>;
  /** Columns of equal length; `t` is in seconds from the start of the test. */
  series: { t: number[]; [column: string]: (number | null)[] };
  /** Base64 of V2 compressed HDR histograms, in µs. */
  histograms: Record<string, string>;
  samples: ExchangeSample[];
  notJudged: string[];
  /** Sentences for the reader, such as what a closed model cannot see. */
  notes: string[];
  generator?: GeneratorReport;
  heatmap?: Heatmap;
  windows?: TimeWindow[];
  /**
   * Anything a test wants to add: levels, sweeps, fits. Reports draw `levels` (`{ in_flight, throughput,
   * throughput_ci95?, p50?, p99? }[]`) and `usl` (a fit by `analysis/usl.ts`).
   */
  details?: JsonObject;
}

/** How one metric came out against what it is compared with. Ratios are now/base. */
export interface ComparedMetric {
  metric: string;
  /** The test it belongs to; absent where two builds were compared as a whole. */
  test?: string;
  unit: string;
  base: number | null;
  now: number | null;
  ratio: number | null;
  ci95: [number, number] | null;
  /** The zone of equivalence is 1/(1+delta) to 1+delta. */
  delta: number;
  verdict: 'regression' | 'improvement' | 'equivalent' | 'inconclusive';
  /** Why it could not be decided. */
  reason?: string;
  /** It may show a change, but its noise alone leaves nothing undecided. */
  supporting?: boolean;
  /** How many pairs of blocks stand behind it, and how far blocks of one build differ (relative standard deviation). */
  pairs?: number;
  noise?: number | null;
}

/** A comparison with a baseline, a stored run, or another build. */
export interface ComparisonReport {
  /** `paired` blocks run in turn on one machine, or `stored` runs, between which the machine may have drifted. */
  kind: 'paired' | 'stored';
  /** The name of what it is compared with, such as a baseline, and of what is judged. */
  base: string;
  now: string;
  verdict: ComparedMetric['verdict'];
  sentence: string;
  metrics: ComparedMetric[];
  /** Another environment, plan or tool set: what a reader must know first. */
  warnings: string[];
  /** Histograms of the base by test id, as in {@link TestResult.histograms}. */
  histograms?: Record<string, Record<string, string>>;
}

/** What was measured. */
export interface TargetReport {
  kind: 'http' | 'sse' | 'stdio' | 'in-process';
  url?: string;
  command?: string;
  serverInfo?: { name: string; version: string; title?: string };
  protocolVersion?: string;
  era?: 'session' | 'stateless';
  tools?: number;
  catalogueBytes?: number;
  catalogueTokens?: number;
}

/** The one document that reports, baselines and comparisons read. */
export interface RunResult {
  schema: typeof runSchema;
  id: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  durationMs: number;
  tool: { name: 'mcp-dyno'; version: string };
  environment: {
    node: string;
    os: string;
    cpu: string;
    cores: number;
    memoryBytes: number;
    git?: { commit: string; dirty: boolean };
    ci?: string;
  };
  target: TargetReport;
  /** The effective plan, secrets redacted, enough to run it again. */
  plan: { [key: string]: Json };
  tests: TestResult[];
  verdict: {
    status: 'pass' | 'fail' | 'inconclusive' | 'error';
    exitCode: ExitCode;
    sentence: string;
    exercised: string;
  };
  warnings: string[];
  comparison?: ComparisonReport;
}
