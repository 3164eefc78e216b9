import { systemClock, type JsonObject, type RunResult } from '../core/index.js';
import { localPaths, Surroundings } from '../plan/arguments/index.js';
import { parseSelection, planMix } from '../plan/mix/index.js';
import { mergeSettings } from '../plan/options/index.js';
import type { Threshold } from '../plan/thresholds/index.js';
import { openBench, runSuite, type OpenedBench, type SuiteRun } from '../suite/index.js';
import { toolCaller } from '../suite/tool-caller.js';
import type { TargetSpec } from '../target/index.js';

/** What may be called, and how. */
export interface CallOptions {
  /** The tools to call, each `NAME` or `NAME=weight`; default those that say they only read. */
  tools?: readonly string[];
  /** Arguments by tool: one set, or several used in turn; default made from the schema. */
  args?: Readonly<Record<string, JsonObject | readonly JsonObject[]>>;
  /** Tools that may be called though they do not say that they only read. */
  allow?: readonly string[];
  /** Fixes arguments, mix and arrivals; default 1, so that two runs of a test do the same. */
  seed?: number;
  /** For one call, ms; default 30,000. */
  timeoutMs?: number;
  /** Ends the measuring early. */
  signal?: AbortSignal;
}

/** What is measured of a server. */
export interface MeasureOptions extends CallOptions {
  tests: SuiteRun['tests'];
  profile: SuiteRun['profile'];
  thresholds: readonly Threshold[];
}

/**
 * Measures a server as `dyno test` does, with that command's defaults; nothing of the environment or of a config file
 * changes it, and nothing is written to disk. Whatever was started is stopped.
 *
 * @throws DynoError (111) where it cannot be reached; (104) for a plan that makes no sense.
 */
export async function measureServer(spec: TargetSpec, options: MeasureOptions): Promise<RunResult> {
  const { settings } = mergeSettings('test', { environment: {}, flags: new Map() });
  const { seed = 1, timeoutMs = settings.timeout, signal = new AbortController().signal } = options;
  const bench = await openBench({ spec, startTimeoutMs: settings.startTimeout, pid: 'auto', signal });
  try {
    const mix = await mixOf(bench, spec, { ...options, seed, timeoutMs, signal });
    await bench.ready();
    return await runSuite({
      bench,
      tests: options.tests,
      profile: options.profile,
      operations: mix.operations,
      thresholds: options.thresholds,
      defaults: {
        timeoutMs,
        gracefulStopMs: settings.gracefulStop,
        startTimeoutMs: settings.startTimeout,
        seed,
        workers: settings.workers,
        session: settings.session,
      },
      plan: { command: 'expectServer', seed, profile: options.profile },
      warnings: mix.warnings,
      allowInconclusive: false,
      stop: signal,
      abort: signal,
    });
  } finally {
    await bench.close();
  }
}

function mixOf(
  bench: OpenedBench,
  spec: TargetSpec,
  {
    tools = [],
    args = {},
    allow = [],
    seed,
    timeoutMs,
    signal,
  }: CallOptions & Required<Pick<CallOptions, 'seed' | 'timeoutMs' | 'signal'>>,
) {
  const local =
    spec.kind === 'stdio' ? localPaths({ args: spec.args, cwd: spec.cwd ?? process.cwd() }) : undefined;
  const sets = Object.entries(args).map(([tool, given]): [string, readonly JsonObject[]] => [
    tool,
    isList(given) ? given : [given],
  ]);
  return planMix({
    tools: bench.tools,
    era: bench.connection.era,
    selection: parseSelection(tools, 'tools'),
    allow,
    allowWrites: false,
    deny: [],
    given: { byTool: new Map(sets), forAll: undefined },
    settings: new Map(),
    saved: new Map(),
    around: new Surroundings(local),
    seed,
    now: systemClock.wall(),
    caller: toolCaller(bench.connection, { timeoutMs, signal, lastWords: () => bench.lastWords() }),
  });
}

function isList(given: JsonObject | readonly JsonObject[]): given is readonly JsonObject[] {
  return Array.isArray(given);
}
