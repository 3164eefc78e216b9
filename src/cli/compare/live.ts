import {
  DynoError,
  printableLine,
  redact,
  seededRandom,
  secrets,
  usageError,
  type ExitCode,
  type JsonObject,
} from '../../core/index.js';
import { describeExecutor } from '../../load/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { Mix } from '../../plan/mix/index.js';
import { printedSettings } from '../../plan/options/index.js';
import { wrap } from '../../report/index.js';
import { pairedResult, runPairs, type Side } from '../../suite/compare/index.js';
import { openBench, type OpenedBench } from '../../suite/index.js';
import type { TargetSpec } from '../../target/index.js';
import type { CommandContext } from '../command.js';
import { loadShapeOf, plannedRate } from '../load-shape.js';
import { askBeforeLoadingStrangers } from '../measure.js';
import { leftOutLines } from '../mix-text.js';
import { mixOf } from '../mix.js';
import { finish } from '../results.js';
import { scriptedClient } from '../server-requests.js';
import { describeTarget, targetsOf } from '../target.js';
import { serverAccess } from '../../suite/server-access.js';
import { toolCaller } from '../../suite/tool-caller.js';
import type { MeantTarget } from '../words.js';
import { againWords } from './again.js';
import { checkMetrics, comparedMetrics } from './metrics.js';
import { progressView } from './progress.js';

/** Cut from the beginning of every block unless `--warmup` says otherwise, ms. */
const defaultWarmupMs = 300;

/** Runs two servers in randomised pairs and reports; whatever happens, what was started is stopped. */
export async function compareLive(
  context: CommandContext,
  meant: { a: MeantTarget; b: MeantTarget },
): Promise<ExitCode> {
  const { settings, interrupts, io } = context;
  const metrics = checkMetrics(settings.metric) ?? comparedMetrics;
  if (settings.maxPairs < settings.pairs && context.origins.maxPairs.kind !== 'default') {
    throw usageError(
      `--max-pairs ${settings.maxPairs} is less than --pairs ${settings.pairs}`,
      'Raise one or lower the other.',
    );
  }
  const startedAt = new Date();
  const view = progressView(context);
  const { notice } = io;
  io.notice = (line) => {
    view.line(line.replace(/\n$/, ''));
  };
  const opened: OpenedBench[] = [];
  try {
    const warnings: string[] = [];
    const { a, b } = await openBoth(context, meant, opened, warnings);
    const mix = await commonMix(context, a, b, warnings);
    const load = loadOf(context, mix);
    const width = Math.max(20, io.stderr.columns - 1);
    const head = headLines(a, b, mix, load).flatMap((line) => wrap(line, width));
    for (const line of [...head, ...leftOutLines(mix, width)]) view.line(redact(line));
    await Promise.all(opened.map((bench) => bench.ready()));
    const run = await runPairs({
      a,
      b,
      load,
      metrics,
      tolerance: settings.tolerance,
      minPairs: settings.pairs,
      maxPairs: Math.max(settings.pairs, settings.maxPairs),
      random: seededRandom(settings.seed).fork('pairs'),
      stop: interrupts.drain,
      abort: interrupts.abort,
      onProgress: (progress) => {
        view.update(progress);
      },
    });
    view.stop();
    const result = await pairedResult(run, {
      a,
      b,
      load,
      startedAt,
      plan: planOf(context, a, b, load, mix),
      warnings: [...mix.warnings, ...warnings],
      allowInconclusive: settings.allowInconclusive,
    });
    return await finish(context, result);
  } finally {
    view.stop();
    io.notice = notice;
    await Promise.all(opened.map((bench) => bench.close()));
  }
}

type Protocol = CommandContext['settings']['protocol'];

function typedTarget(meant: MeantTarget): string {
  if (meant.kind !== 'command') return meant.kind === 'url' ? meant.url : '';
  const quoted = (word: string) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return meant.command.map(quoted).join(' ');
}

interface OpenSide extends Side {
  bench: OpenedBench;
  spec: TargetSpec;
  /** As one would type it after `--a`. */
  typed: string;
}

/** Opens both sides, in one revision of the protocol where there is one that both speak. */
async function openBoth(
  context: CommandContext,
  meant: { a: MeantTarget; b: MeantTarget },
  opened: OpenedBench[],
  warnings: string[],
): Promise<{ a: OpenSide; b: OpenSide }> {
  const { protocol } = context.settings;
  const a = await openSide(context, { name: 'A', meant: meant.a, protocol }, opened);
  const b = await openSide(context, { name: 'B', meant: meant.b, protocol }, opened);
  const [left, right] = [a, b].map((side) => side.bench.target.protocolVersion);
  if (left === right || left === undefined || right === undefined) return { a, b };
  const again = (name: Side['name'], target: MeantTarget, version: string) =>
    openSide(context, { name, meant: target, protocol: version as Protocol }, opened).catch(() => undefined);
  const other = await again('B', meant.b, left);
  if (other !== undefined) return { a, b: other };
  const one = await again('A', meant.a, right);
  if (one !== undefined) return { a: one, b };
  warnings.push(`Other protocol: A speaks ${left}, B ${right}, and neither the other's.`);
  return { a, b };
}

/** Opens one side for a look at its tools. @throws DynoError (111) that says which of the two it is. */
async function openSide(
  context: CommandContext,
  { name, meant, protocol }: { name: Side['name']; meant: MeantTarget; protocol: Protocol },
  opened: OpenedBench[],
): Promise<OpenSide> {
  const { settings, interrupts, config } = context;
  const { spec } = targetsOf(context, meant)[0]!;
  await askBeforeLoadingStrangers(context, spec, plannedRate(context));
  const client = scriptedClient(config?.serverRequests ?? new Map());
  try {
    const bench = await openBench({
      spec,
      protocol,
      startTimeoutMs: settings.startTimeout,
      pid: 'auto',
      signal: interrupts.drain,
      ...(client === undefined
        ? {}
        : { answers: client.answers, onRequest: client.onRequest, capabilities: client.capabilities }),
    });
    opened.push(bench);
    const label = redact(printableLine(describeTarget(spec), 200));
    return { name, label, bench, spec, typed: redact(typedTarget(meant)) };
  } catch (error) {
    if (!(error instanceof DynoError) || error.code === 'stopped') throw error;
    const { code, hint, exitCode, cause } = error;
    throw new DynoError(`${name}: ${error.message}`, { code, hint, exitCode, cause });
  }
}

/** What both are called with: the tools of A that B has too. */
async function commonMix(
  context: CommandContext,
  a: OpenSide,
  b: OpenSide,
  warnings: string[],
): Promise<Mix> {
  const { settings, interrupts } = context;
  const names = (side: OpenSide) => new Set(side.bench.tools.map((tool) => tool.name));
  const [left, right] = [names(a), names(b)];
  const onlyA = [...left].filter((name) => !right.has(name));
  const onlyB = [...right].filter((name) => !left.has(name));
  const common = a.bench.tools.filter((tool) => right.has(tool.name));
  if (common.length === 0 && left.size + right.size > 0) {
    throw usageError(
      `A has ${left.size} tools and B has ${right.size}, and none has the same name: nothing can be compared`,
      'Are both builds of one server?',
    );
  }
  if (onlyA.length + onlyB.length > 0) {
    const parts = [
      ...(onlyA.length > 0 ? [`only A has ${listed(onlyA)}`] : []),
      ...(onlyB.length > 0 ? [`only B has ${listed(onlyB)}`] : []),
    ];
    warnings.push(`Other tool sets: ${parts.join('; ')}. Compared is what both have.`);
  }
  for (const tool of settings.tool ?? []) {
    const name = tool.replace(/=[^=]*$/, '');
    if (onlyA.includes(name) || onlyB.includes(name)) {
      throw usageError(
        `Only ${onlyA.includes(name) ? 'A' : 'B'} has the tool '${name}'`,
        'Name one that both have.',
      );
    }
  }
  const caller = toolCaller(a.bench.connection, {
    timeoutMs: settings.timeout,
    signal: interrupts.drain,
    lastWords: () => a.bench.lastWords(),
  });
  const access = ({ connection }: OpenedBench) =>
    serverAccess(connection, { timeoutMs: settings.timeout, signal: interrupts.drain, tries: true });
  return mixOf(context, {
    spec: a.spec,
    era: a.bench.connection.era,
    tools: common,
    caller,
    saved: new Map(),
    server: access(a.bench),
    also: { name: 'B', server: access(b.bench) },
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => printableLine(name, 60));
  return shown.join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '');
}

function loadOf({ settings, origins, ...rest }: CommandContext, mix: Mix): LoadPlan {
  const shape = loadShapeOf({
    ...rest,
    origins,
    settings: { ...settings, duration: settings.block, requests: undefined, stages: undefined },
  });
  return {
    ...shape,
    operations: mix.operations,
    warmup: origins.warmup.kind === 'default' ? { kind: 'time', ms: defaultWarmupMs } : shape.warmup,
    timeoutMs: settings.timeout,
    startTimeoutMs: settings.startTimeout,
    gracefulStopMs: settings.gracefulStop,
    session: settings.session,
    sessionCalls: settings.sessionCalls,
    seed: settings.seed,
    workers: settings.workers,
  };
}

function headLines(a: OpenSide, b: OpenSide, mix: Mix, load: LoadPlan): string[] {
  const about = ({ bench: { target } }: OpenSide) => {
    const { serverInfo, protocolVersion } = target;
    const name = serverInfo ? printableLine(`${serverInfo.name} ${serverInfo.version}`, 60) : 'unnamed';
    return `${name}, ${target.kind}, protocol ${protocolVersion ?? '?'}`;
  };
  return [
    `A  ${a.label}  ·  ${about(a)}`,
    `B  ${b.label}  ·  ${about(b)}`,
    `blocks: ${describeExecutor(load.executor)}  ·  ${mix.operations.length} operations`,
  ];
}

function planOf(context: CommandContext, a: OpenSide, b: OpenSide, load: LoadPlan, mix: Mix): JsonObject {
  const options = Object.fromEntries(
    printedSettings(context.command, context)
      .filter((setting) => setting.value !== '–')
      .map(({ key, value, origin }) => [key, { value, origin }]),
  );
  return secrets.redactJson({
    command: context.command,
    commandLine: againWords(context, { a: a.typed, b: b.typed }),
    target: b.label,
    a: a.label,
    b: b.label,
    options,
    executor: { ...load.executor } as JsonObject,
    operations: mix.operations.map(({ name, weight, params }) => ({
      name,
      weight,
      arguments: params.slice(0, 3).map((set) => set['arguments'] ?? set),
      sets: params.length,
    })),
    leftOut: mix.leftOut.map(({ name, reason, why }) => ({ name, reason, why: printableLine(why, 200) })),
  });
}
