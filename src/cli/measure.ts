import {
  printableLine,
  redact,
  secrets,
  usageError,
  type ExitCode,
  type Json,
  type JsonObject,
  type RunResult,
} from '../core/index.js';
import { LiveView } from '../live/index.js';
import { preloadChecker } from '../plan/arguments/index.js';
import type { ServerAccess } from '../plan/operations/index.js';
import { runScript, type Mix, type ToolCaller } from '../plan/mix/index.js';
import { shortForm } from '../plan/data/short-form.js';
import { printedSettings } from '../plan/options/index.js';
import { isPublicHost, publicRateLimit } from '../plan/safety.js';
import type { Threshold } from '../plan/thresholds/index.js';
import { wrap } from '../report/terminal/index.js';
import type { Telemetry } from '../telemetry/index.js';
import type { Tool } from '../protocol/index.js';
import {
  openBench,
  runSuite,
  type OpenBenchOptions,
  type OpenedBench,
  type SuiteRun,
} from '../suite/index.js';
import type { TargetSpec } from '../target/index.js';
import type { CommandContext } from './command.js';
import { alertUnreachableTarget } from './alerts.js';
import { commandLineOf } from './typed.js';
import { liveAbort } from './live-abort.js';
import { SnapshotMaker } from './live-snapshot.js';
import { eachTarget } from './each-target.js';
import { dryRunLines, leftOutLines } from './mix-text.js';
import { mixOf } from './mix.js';
import { startTelemetry } from './telemetry.js';
import { scriptedClient, type ScriptedClient } from './server-requests.js';
import { againstBaseline } from './against-baseline.js';
import { describeTarget } from './target.js';
import { testLine } from './test-line.js';
import { serverAccess } from '../suite/server-access.js';
import { toolCaller } from '../suite/tool-caller.js';
import { nameTarget, noWords } from './words.js';

/** What is measured: the tests, how they are judged, and how fast they call at most. */
export interface Measurement {
  tests: SuiteRun['tests'];
  profile: SuiteRun['profile'];
  thresholds: readonly Threshold[];
  /** Calls per second at most; undefined where only the server sets the pace. */
  ratePerSecond: number | undefined;
  /** Tests that run beside each other; 1 unless given. */
  parallel?: number;
  parallelUnsafe?: boolean;
  /** Lines that are said before the first test. */
  remarks?: readonly string[];
  /** What `--dry-run` says of how often and how long. */
  howOften: readonly string[];
  /** Takes the place of the usual mix and tests once the target's tools are known. */
  plan?: (target: PlanTarget) => Promise<PlannedMix>;
}

/** What a mix of one's own is planned from. */
export interface PlanTarget {
  tools: readonly Tool[];
  era: 'session' | 'stateless';
  /** For trying calls before the load; undefined in a dry run. */
  caller: ToolCaller | undefined;
  /** What setup calls kept. */
  saved: ReadonlyMap<string, Json>;
  server: ServerAccess;
}

/** What is called, and the tests that do it. */
export interface PlannedMix {
  mix: Mix;
  tests: SuiteRun['tests'];
}

/**
 * Measures each target: opens it, finds out what may be called, calls it, judges, reports. Whatever happens, what was
 * started is stopped.
 */
export function measure(context: CommandContext, measurement: Measurement): Promise<ExitCode> {
  const { target, rest } = nameTarget(context);
  noWords(context.command, rest);
  return eachTarget(context, target, (spec) => measureOne(context, spec, measurement));
}

async function measureOne(
  context: CommandContext,
  spec: TargetSpec,
  measurement: Measurement,
): Promise<ExitCode> {
  const { settings, io } = context;
  await askBeforeLoadingStrangers(context, spec, measurement.ratePerSecond);
  const against = await againstBaseline(context);
  const mode = settings.quiet ? 'off' : io.stderr.isTTY && settings.tui ? 'live' : 'plain';
  const view = new LiveView(io.stderr, mode);
  const { notice } = io;
  // Whatever else is said must not be written into the middle of a frame.
  io.notice = (line) => {
    view.line(line.replace(/\n$/, ''));
  };
  const say = (line: string) => {
    if (!settings.quiet) view.line(redact(line));
  };
  const client = scriptedClient(context.config?.serverRequests ?? new Map());
  const opening = open(context, spec, client);
  // While the server starts there is time to load what its schemas will need.
  void preloadChecker();
  let bench: OpenedBench | undefined;
  let telemetry: Telemetry | undefined;
  try {
    bench = await opening;
    const saved = await setUp(context, bench);
    const caller = callerOf(context, bench);
    const server = serverOf(context, bench);
    const target = { era: bench.connection.era, tools: bench.tools, caller, saved, server };
    const planned = await measurement.plan?.(target);
    const mix = planned?.mix ?? (await mixOf(context, { spec, ...target }));
    const tests = planned?.tests ?? measurement.tests;
    for (const line of headLines(bench, mix, io.stderr.columns)) say(line);
    for (const line of measurement.remarks ?? [])
      for (const part of wrap(line, Math.max(20, io.stderr.columns - 1))) say(part);
    if (settings.dryRun) {
      io.stdout.write(`${redact(dryRunLines(mix, measurement.howOften).join('\n'))}\n`);
      return 0;
    }
    telemetry = await startTelemetry(context, bench.target);
    await bench.ready();
    const changed = await against?.before(bench.target, planOf(context, spec, mix));
    for (const sentence of changed ?? []) say(`⚠ ${sentence}`);
    const measured = await runTests(context, {
      bench,
      mix,
      spec,
      measurement: { ...measurement, tests },
      view,
      say,
      telemetry,
    });
    view.stop();
    await tearDown(context, spec, client, saved);
    // Reports are not needed before there is something to report.
    const { finish } = await import('./results.js');
    return await finish(context, against?.judge(measured) ?? measured, {
      target: describeTarget(spec),
      telemetry,
    });
  } catch (error) {
    view.stop();
    if (!settings.dryRun) await alertUnreachableTarget(context, describeTarget(spec), error);
    throw error;
  } finally {
    view.stop();
    io.notice = notice;
    await telemetry?.stop();
    await bench?.close();
  }
}

async function open(
  context: CommandContext,
  spec: TargetSpec,
  client: ScriptedClient | undefined,
): Promise<OpenedBench> {
  const { settings, interrupts } = context;
  const { pid } = settings;
  return await openBench({
    spec,
    protocol: settings.protocol,
    startTimeoutMs: settings.startTimeout,
    pid: pid === 'auto' || pid === 'none' ? pid : Number(pid),
    ...(settings.metricsUrl === undefined ? {} : { metricsUrl: settings.metricsUrl }),
    signal: interrupts.drain,
    ...(await networkOf(settings)),
    ...(client === undefined
      ? {}
      : { answers: client.answers, onRequest: client.onRequest, capabilities: client.capabilities }),
  });
}

async function networkOf({
  network,
  seed,
}: CommandContext['settings']): Promise<Pick<OpenBenchOptions, 'network'>> {
  if (network === undefined) return {};
  const { readNetwork } = await import('../network/index.js');
  return { network: { conditions: readNetwork(network), seed } };
}

async function setUp(context: CommandContext, bench: OpenedBench): Promise<Map<string, Json>> {
  const saved = new Map<string, Json>();
  const { config, settings, interrupts } = context;
  if (!config || config.setup.length === 0 || settings.dryRun) return saved;
  const caller = toolCaller(bench.connection, {
    timeoutMs: settings.timeout,
    signal: interrupts.drain,
    lastWords: () => bench.lastWords(),
  });
  await runScript('setup', config.setup, { caller, seed: settings.seed, now: Date.now(), saved });
  return saved;
}

/** Teardown runs on a connection of its own: the load is over, and so are its connections. */
async function tearDown(
  context: CommandContext,
  spec: TargetSpec,
  client: ScriptedClient | undefined,
  saved: Map<string, Json>,
): Promise<void> {
  const { config, settings, interrupts, log } = context;
  if (!config || config.teardown.length === 0 || spec.kind === 'reference') return;
  try {
    const bench = await open(context, spec, client);
    try {
      const caller = toolCaller(bench.connection, { timeoutMs: settings.timeout, signal: interrupts.abort });
      await runScript('teardown', config.teardown, { caller, seed: settings.seed, now: Date.now(), saved });
    } finally {
      await bench.close();
    }
  } catch (error) {
    // What was measured is measured; a teardown that fails is told, and changes no verdict.
    log.error(error instanceof Error ? error.message : String(error));
  }
}

/** Makes single calls while the target is explored; none in a dry run. */
function callerOf({ settings, interrupts }: CommandContext, bench: OpenedBench): ToolCaller | undefined {
  if (settings.dryRun) return undefined;
  return toolCaller(bench.connection, {
    timeoutMs: settings.timeout,
    signal: interrupts.drain,
    lastWords: () => bench.lastWords(),
  });
}

/** What else the target has besides tools. */
function serverOf({ settings, interrupts }: CommandContext, bench: OpenedBench): ServerAccess {
  return serverAccess(bench.connection, {
    timeoutMs: settings.timeout,
    signal: interrupts.drain,
    tries: !settings.dryRun,
  });
}

interface Stage {
  bench: OpenedBench;
  mix: Mix;
  spec: TargetSpec;
  measurement: Measurement;
  view: LiveView;
  say: (line: string) => void;
  telemetry: Telemetry | undefined;
}

function runTests(
  context: CommandContext,
  { bench, mix, spec, measurement, view, say, telemetry }: Stage,
): Promise<RunResult> {
  const { settings, interrupts, io } = context;
  const { tests, profile, thresholds } = measurement;
  const snapshots = new SnapshotMaker(
    thresholds,
    tests.map(({ test }) => test.id),
  );
  const abort = liveAbort(thresholds);
  return runSuite({
    bench,
    tests,
    profile,
    operations: mix.operations,
    failed: mix.leftOut.filter(({ reason }) => reason === 'failed').map(({ name }) => name),
    thresholds,
    defaults: {
      timeoutMs: settings.timeout,
      gracefulStopMs: settings.gracefulStop,
      startTimeoutMs: settings.startTimeout,
      seed: settings.seed,
      workers: settings.workers,
      session: settings.session,
      sessionCalls: settings.sessionCalls,
      ...(settings.progress ? { progress: true } : {}),
    },
    plan: planOf(context, spec, mix),
    warnings: mix.warnings,
    allowInconclusive: settings.allowInconclusive,
    ...(measurement.parallel === undefined ? {} : { parallel: measurement.parallel }),
    ...(measurement.parallelUnsafe === undefined ? {} : { parallelUnsafe: measurement.parallelUnsafe }),
    stop: interrupts.drain,
    abort: interrupts.abort,
    breached: abort.signal,
    onProgress: (progress) => {
      abort.look(progress);
      telemetry?.look(progress);
      view.update(() => snapshots.snapshot(progress));
    },
    onTest: (result) => {
      view.clear();
      if (tests.length > 1) say(testLine(result, io.stderr));
    },
  });
}

/** `mcp-dyno 0.3 · stdio · acme 2.1.0 · protocol … · 14 tools, 9 read-only, 3 used`, and what is not called. */
function headLines(bench: OpenedBench, mix: Mix, columns: number): string[] {
  const width = Math.max(20, columns - 1);
  const { serverInfo, protocolVersion, kind, tools = 0 } = bench.target;
  const name = serverInfo ? printableLine(`${serverInfo.name} ${serverInfo.version}`, 60) : 'unnamed';
  const used = `${tools} tools, ${mix.readOnly} read-only, ${mix.used.length} used`;
  const head = [kind, name, `protocol ${protocolVersion ?? '?'}`, used].join('  ·  ');
  return [...wrap(head, width), ...leftOutLines(mix, width)];
}

/** The effective plan, enough to run it again: every option with its origin, the target, and what is called. */
function planOf(context: CommandContext, spec: TargetSpec, mix: Mix): JsonObject {
  const options = Object.fromEntries(
    printedSettings(context.command, context)
      .filter((setting) => setting.value !== '–')
      .map(({ key, value, origin }) => [key, { value, origin }]),
  );
  return secrets.redactJson({
    command: context.command,
    commandLine: commandLineOf(context),
    target: describeTarget(spec),
    options,
    operations: mix.operations.map(({ name, weight, params }) => ({
      name,
      weight,
      arguments: params.slice(0, 3).map((set) => shortForm(set['arguments'] ?? set)),
      sets: params.length,
    })),
    leftOut: mix.leftOut.map(({ name, reason, why }) => ({ name, reason, why: printableLine(why, 200) })),
  });
}

/** A host that is neither loopback nor private is somebody's: above 20 calls a second its owner's word is needed. */
export async function askBeforeLoadingStrangers(
  { settings }: CommandContext,
  spec: TargetSpec,
  ratePerSecond: number | undefined,
): Promise<void> {
  if (settings.yes || settings.dryRun || (spec.kind !== 'http' && spec.kind !== 'sse')) return;
  if (ratePerSecond !== undefined && ratePerSecond <= publicRateLimit) return;
  const { hostname } = new URL(spec.url);
  if (!(await isPublicHost(hostname))) return;
  throw usageError(
    `${hostname} is a public host, and this may call it more than ${publicRateLimit} times a second`,
    'If it is yours to load, add --yes; else load it gently: dyno load --rate 10.',
  );
}
