import { AssertionError } from 'node:assert';
import {
  formatDuration,
  usageError,
  type JsonObject,
  type RunResult,
  type TestResult,
} from '../core/index.js';
import { parseThreshold, type Threshold } from '../plan/thresholds/index.js';
import { limitOf, marginOf, observedOf, subjectOf } from '../report/terminal/threshold-text.js';
import { findTest } from '../suite/catalogue.js';
import { freeLoad, parametersOf, type Profile } from '../suite/index.js';
import { parseTarget, type TargetSpec } from '../target/index.js';
import { measureServer, type CallOptions } from './measure-server.js';
import { homeOf } from './metric-home.js';

/** A server to measure: a URL, a start command, or whatever `dyno` can open. */
export type ServerUnderTest =
  | string
  | { url: string; headers?: Readonly<Record<string, string>> }
  | { command: string; args?: readonly string[]; env?: Readonly<Record<string, string>>; cwd?: string }
  | TargetSpec;

/** What has to hold: a metric, with its test before it where more than one measures it, and a limit such as `<200ms`. */
export type Limits = Readonly<Record<string, string>>;

/** How limits are measured. */
export interface MeetOptions extends CallOptions {
  /** How long each test takes: `smoke`, `quick` (default) or `full`. */
  profile?: Profile;
  /** Parameters of tests by their id, as in the config file: `{ 'single-tool-latency': { calls: 200 } }`. */
  parameters?: Readonly<Record<string, JsonObject>>;
  /** One load of your own instead of the suite's tests; limits are judged in it. */
  load?: { connections?: number; rate?: number; requests?: number; durationMs?: number };
  /** True to accept limits that could not be decided (too few samples, a machine at its limit). */
  allowInconclusive?: boolean;
}

/** What can be expected of a server. */
export interface ServerExpectation {
  /**
   * Measures the server and resolves with the result where every limit holds.
   *
   * @throws AssertionError that names each limit that does not hold, or could not be decided, with what was observed.
   * @throws DynoError for a server that cannot be reached (111), and for limits or options that make no sense (104).
   */
  toMeet(limits: Limits, options?: MeetOptions): Promise<RunResult>;
}

/**
 * Performance assertions inside a test of vitest, node:test or any other runner. Give the test time: a limit on latency
 * takes a few seconds, one on throughput about ten.
 *
 * @example
 * ```ts
 * await expectServer({ command: 'node', args: ['build/server.js'] }).toMeet({
 *   'latency.p95': '<20ms',
 *   'throughput-under-load:success_rate': '>99%',
 * });
 * ```
 */
export function expectServer(server: ServerUnderTest): ServerExpectation {
  return {
    async toMeet(limits, options = {}) {
      const thresholds = thresholdsOf(limits, options);
      const run = await measureServer(specOf(server), {
        ...options,
        tests: testsOf(thresholds, options),
        profile: options.profile ?? 'quick',
        thresholds,
      });
      const faults = faultsOf(run, thresholds, options.allowInconclusive === true);
      if (faults.length === 0) return run;
      throw new AssertionError({
        message: [`Expected ${nameOf(run)} to meet ${plural(thresholds.length, 'limit')}:`, ...faults]
          .join('\n  ')
          .concat(`\n  exercised: ${run.verdict.exercised}`),
        operator: 'toMeet',
        actual: observedBy(run, thresholds),
        expected: limits,
        stackStartFn: expectServer,
      });
    },
  };
}

function thresholdsOf(limits: Limits, { load }: MeetOptions): Threshold[] {
  const entries = Object.entries(limits);
  if (entries.length === 0) {
    throw usageError('toMeet needs at least one limit', "Such as { 'latency.p95': '<200ms' }.");
  }
  return entries.map(([metric, limit]) => {
    const text = typeof limit === 'string' ? limit.trim() : String(limit);
    if (!/^[<>]/.test(text)) {
      throw usageError(
        `Expected the limit of '${metric}' to begin with <, <=, > or >=, got '${text}'`,
        "Such as '<200ms'.",
      );
    }
    const threshold = parseThreshold(`${metric} ${text}`, 'toMeet');
    return { ...threshold, test: load === undefined ? (threshold.test ?? homeOf(threshold.metric)) : 'load' };
  });
}

function testsOf(
  thresholds: readonly Threshold[],
  { load, profile = 'quick', parameters = {} }: MeetOptions,
) {
  if (load !== undefined) return [{ test: freeLoad(loadOf(load)), parameters: {} }];
  const ids = [...new Set(thresholds.map(({ test }) => findTest(test!).id))];
  for (const id of Object.keys(parameters)) {
    if (ids.includes(findTest(id).id)) continue;
    throw usageError(
      `toMeet was given parameters of ${id}, and no limit is judged in it`,
      `Tests: ${ids.join(', ')}.`,
    );
  }
  return ids.map((id) => {
    const test = findTest(id);
    return { test, parameters: parametersOf(test, profile, parameters[id]) };
  });
}

function loadOf({ connections = 10, rate, requests, durationMs = 5000 }: NonNullable<MeetOptions['load']>) {
  const warmup = { kind: 'none' } as const;
  if (rate !== undefined) {
    return {
      executor: {
        kind: 'constant-arrival-rate',
        rate,
        durationMs,
        vus: connections,
        arrivals: 'constant',
        maxWaiting: 10_000,
      },
      warmup,
    } as const;
  }
  if (requests !== undefined) {
    return {
      executor: { kind: 'shared-iterations', vus: connections, iterations: requests, maxDurationMs: 600_000 },
      warmup,
    } as const;
  }
  return { executor: { kind: 'constant-vus', vus: connections, durationMs }, warmup } as const;
}

function specOf(server: ServerUnderTest): TargetSpec {
  if (typeof server === 'string') return parseTarget({ url: server });
  if ('kind' in server) return server;
  if ('url' in server) return parseTarget({ url: server.url, headers: server.headers });
  return parseTarget({ command: [server.command, ...(server.args ?? [])], env: server.env, cwd: server.cwd });
}

/** A line for each limit that does not hold, and for each test that failed for a reason of its own. */
function faultsOf(run: RunResult, thresholds: readonly Threshold[], lenient: boolean): string[] {
  const faults = thresholds.flatMap((threshold) => {
    const test = run.tests.find(({ id }) => id === threshold.test);
    const judged = test?.thresholds.find(
      ({ name, operation }) => name === threshold.name && operation === threshold.operation,
    );
    if (judged === undefined) return [`? ${threshold.name}: ${whyNot(test, threshold)}`];
    if (judged.status === 'pass' || (judged.status === 'inconclusive' && lenient)) return [];
    const observed = `${subjectOf(judged)} ${observedOf(judged)}, ${limitOf(judged)}`;
    if (judged.status === 'fail')
      return [
        `✗ ${threshold.test!}: ${[observed, marginOf(judged)].filter((part) => part !== '').join(', ')}`,
      ];
    return [
      `? ${threshold.test!}: ${observed}: ${judged.observed === null ? 'too few samples' : (test!.reason ?? 'it could not be decided')}`,
    ];
  });
  const own = run.tests.filter(
    ({ status, thresholds: judged }) =>
      status === 'error' || (status === 'fail' && !judged.some((one) => one.status === 'fail')),
  );
  return [...faults, ...own.map(({ id, status, reason }) => `✗ ${id}: ${reason ?? status}`)];
}

function whyNot(test: TestResult | undefined, { metric, test: id }: Threshold): string {
  if (test === undefined) return 'it was not measured, the run was stopped';
  const [notJudged] = test.notJudged;
  const reason = test.reason ?? notJudged;
  return `${id!} gave no ${metric}${reason === undefined ? '' : ` (${reason})`} in ${formatDuration(test.durationMs)}`;
}

function observedBy(run: RunResult, thresholds: readonly Threshold[]): Record<string, number | null> {
  return Object.fromEntries(
    thresholds.map(({ name, metric, test, operation }) => {
      const found = run.tests.find(({ id }) => id === test);
      const metrics = operation === undefined ? found?.metrics : found?.operations[operation]?.metrics;
      return [name, metrics?.[metric]?.value ?? null];
    }),
  );
}

function nameOf({ target }: RunResult): string {
  const { serverInfo } = target;
  return serverInfo === undefined ? 'the server' : `${serverInfo.name} ${serverInfo.version}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
