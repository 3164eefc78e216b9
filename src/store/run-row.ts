import type { RunResult, TestResult } from '../core/run-result.js';

/** A run in a line: what lists and filters need without reading its file. */
export interface RunRow {
  id: string;
  startedAt: string;
  /** `pass`, `fail`, `inconclusive`, `error`; `damaged` where its file cannot be read. */
  status: string;
  exitCode: number;
  /** The server's name and version, else its address or command. */
  target: string;
  tests: number;
  calls: number;
  /** Of the test with the most calls. */
  throughput: number | null;
  p50: number | null;
  p99: number | null;
  commit: string;
  /** Values by `TEST:METRIC`. */
  metrics: Record<string, number>;
}

/** The row of a run. */
export function rowOf(run: RunResult): RunRow {
  const busiest = run.tests.reduce<TestResult | undefined>(
    (most, test) => (most === undefined || callsOf(test) > callsOf(most) ? test : most),
    undefined,
  );
  const value = (name: string) => busiest?.metrics[name]?.value ?? null;
  const { serverInfo, url, command, kind } = run.target;
  const metrics: Record<string, number> = {};
  for (const test of run.tests) {
    for (const [name, metric] of Object.entries(test.metrics)) {
      if (typeof metric.value === 'number') metrics[`${test.id}:${name}`] = metric.value;
    }
  }
  return {
    id: run.id,
    startedAt: run.startedAt,
    status: run.verdict.status,
    exitCode: run.verdict.exitCode,
    target: serverInfo ? `${serverInfo.name} ${serverInfo.version}` : (url ?? command ?? kind),
    tests: run.tests.length,
    calls: run.tests.reduce((sum, test) => sum + callsOf(test), 0),
    throughput: value('throughput'),
    p50: value('latency.p50'),
    p99: value('latency.p99'),
    commit: run.environment.git?.commit ?? '',
    metrics,
  };
}

/** The row of a run whose file cannot be read: it is shown, so that somebody deletes it. */
export function damagedRow(id: string, startedAt: string): RunRow {
  return {
    id,
    startedAt,
    status: 'damaged',
    exitCode: 1,
    target: '',
    tests: 0,
    calls: 0,
    throughput: null,
    p50: null,
    p99: null,
    commit: '',
    metrics: {},
  };
}

function callsOf(test: TestResult): number {
  return test.metrics['calls.total']?.value ?? 0;
}
