import { messageOf, unreachableError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import type { JsonObject } from '../core/json.js';
import type { TargetReport } from '../core/run-result.js';
import { localRunner, type LoadRunner, type LoadTarget } from '../load/index.js';
import { readMetricsEndpoint, type ResourceSource } from '../measure/index.js';
import type { ConnectOptions, McpConnection, Tool } from '../protocol/index.js';
import {
  connectTarget,
  explainTargetError,
  openTarget,
  type OpenTarget,
  type StopReport,
  type TargetSpec,
} from '../target/index.js';
import { authorizedRunner } from './authorized-runner.js';
import type { OpenedBench } from './bench.js';
import { howItEnded, outOfReach, soonEnded, withLastWords } from './target-end.js';
import { catalogueSize } from './catalogue-size.js';
import type { NetworkedTarget, TargetNetwork } from './through-network.js';

/** How to open a bench. */
export interface OpenBenchOptions {
  spec: TargetSpec;
  protocol?: ConnectOptions['protocol'];
  /** For start and handshake, ms. */
  startTimeoutMs: number;
  /** Which process to watch: found by itself, none, or this one. */
  pid: 'auto' | 'none' | number;
  /** The target's Prometheus endpoint, to be read where no pid is given. */
  metricsUrl?: string;
  /** Answers to the server's own requests under load, by method. */
  answers?: LoadTarget['answers'];
  onRequest?: ConnectOptions['onRequest'];
  /** What this client says it can, for the server to ask for. */
  capabilities?: JsonObject;
  runner?: LoadRunner;
  signal?: AbortSignal;
  /** A simulated network before the target; none unless given. */
  network?: TargetNetwork;
}

/**
 * Opens a target, shakes hands and lists its tools.
 *
 * @throws DynoError (111) when it cannot be started, reached or spoken to; nothing is left running then.
 */
export async function openBench(options: OpenBenchOptions): Promise<OpenedBench> {
  const target = await openTarget(options.spec, { startTimeoutMs: options.startTimeoutMs });
  let connection: McpConnection | undefined;
  let networked: NetworkedTarget | undefined;
  try {
    networked = await behind(target, options.network);
    const reached = networked?.target ?? target;
    connection = await connectTarget(reached, connectOptions(options));
    const tools = await listTools(connection);
    return await assemble(options, reached, connection, tools, networked);
  } catch (error) {
    const explained = await explainTargetError(target, error);
    await connection?.close().catch(() => undefined);
    await networked?.close();
    await target.stop();
    throw explained;
  }
}

function connectOptions(options: OpenBenchOptions): ConnectOptions {
  return {
    timeoutMs: options.startTimeoutMs,
    ...(options.protocol === undefined ? {} : { protocol: options.protocol }),
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

/** A server may have no tools at all: then there are none to list. */
async function listTools(connection: McpConnection): Promise<Tool[]> {
  return connection.capabilities['tools'] === undefined ? [] : await connection.listTools();
}

async function assemble(
  options: OpenBenchOptions,
  target: OpenTarget,
  connection: McpConnection,
  tools: readonly Tool[],
  networked: NetworkedTarget | undefined,
): Promise<OpenedBench> {
  const { concrete, child } = target;
  const authorization = concrete.kind === 'stdio' ? undefined : await target.authorization();
  // Over stdio every load has a process of its own, which the load tells.
  const watched: ResourceSource =
    concrete.kind === 'stdio' && options.pid === 'auto'
      ? { kind: 'none', reason: 'its process is not known (give --pid)' }
      : await target.resources(options.pid);
  await tryMetrics(options);
  const size = catalogueSize(tools);
  const where: Pick<TargetReport, 'url' | 'command'> =
    concrete.kind === 'stdio'
      ? { command: redact([concrete.command, ...concrete.args].join(' ')) }
      : { url: redact(concrete.url) };
  const stops: StopReport[] = [];
  const stop = async (of: OpenTarget) => {
    const report = await of.stop();
    if (report !== undefined && !stops.includes(report)) stops.push(report);
  };
  const gone = new AbortController();
  let closing = false;
  const direct = loadTargetOf(options, target, connection, authorization);
  const deaths: string[] = [];
  const closeConnection = connection.close.bind(connection);
  let exploring = true;
  let lost = false;
  void connection.closed.then(() => (lost = exploring));
  Object.assign(connection, {
    close: async () => {
      if (lost) await soonEnded(child);
      exploring = false;
      await closeConnection();
    },
  });
  let isReady = false;
  const ready = async () => {
    if (isReady) return;
    isReady = true;
    await connection.close().catch(() => undefined);
    if (concrete.kind === 'stdio') await stop(target);
  };
  void child?.exited.then((end) => {
    const how = () => withLastWords(howItEnded(end), target.stderrTail());
    if (concrete.kind === 'stdio') {
      if (exploring) deaths.push(how());
    } else if (!closing) gone.abort(how());
  });
  return {
    spec: options.spec,
    connection,
    tools,
    startable: child !== undefined,
    target: {
      // Negotiation may have fallen back from streamable HTTP to HTTP+SSE.
      kind: connection.transport === 'in-process' ? 'in-process' : connection.transport,
      ...where,
      serverInfo: connection.serverInfo,
      protocolVersion: connection.protocolVersion,
      era: connection.era,
      tools: size.tools,
      catalogueBytes: size.bytes,
      catalogueTokens: size.tokens,
    },
    loadTarget: networked?.loadTarget(direct) ?? direct,
    runner: runnerFor(options, target),
    resources: (loadPids) => resourcesOf(options, loadPids, watched),
    lastWords: () => target.stderrTail(),
    gone: gone.signal,
    deaths,
    stops,
    ended: async () => {
      if (gone.signal.aborted) return String(gone.signal.reason);
      return concrete.kind === 'stdio' ? undefined : await outOfReach(target, connection.protocolVersion);
    },
    connect: (more) =>
      connectAgain(options, target, { protocol: connection.protocolVersion, ...more }, { stop, deaths }),
    // What was agreed on is not asked again: over stdio the asking takes a process of its own.
    fresh: (env, args) => openFresh({ ...options, protocol: connection.protocolVersion }, env, args),
    ready,
    close: async () => {
      closing = true;
      await ready();
      await networked?.close();
      await stop(target);
    },
  };
}

/** Only tokens that can be had anew are looked after; a bearer token is what the user gave. */
function runnerFor(options: OpenBenchOptions, { concrete, authorization }: OpenTarget): LoadRunner {
  const runner = options.runner ?? localRunner;
  const renewable =
    concrete.kind !== 'stdio' && concrete.auth !== undefined && concrete.auth.kind !== 'bearer';
  return renewable ? authorizedRunner(runner, authorization) : runner;
}

/** What becomes of the processes that connections over stdio are held to. */
interface Fates {
  stop(target: OpenTarget): Promise<void>;
  deaths: string[];
}

/** The target behind a network where there is one; few runs have, so what makes networks is read for those alone. */
async function behind(
  target: OpenTarget,
  network: TargetNetwork | undefined,
): Promise<NetworkedTarget | undefined> {
  if (network === undefined) return undefined;
  const { throughNetwork } = await import('./through-network.js');
  return await throughNetwork(target, network);
}

/** Over stdio every connection has a process of its own, which ends with it. */
async function connectAgain(
  options: OpenBenchOptions,
  target: OpenTarget,
  more: Partial<ConnectOptions>,
  { stop, deaths }: Fates,
): Promise<McpConnection> {
  const wanted = { ...connectOptions(options), ...more };
  if (target.concrete.kind !== 'stdio') return await connectTarget(target, wanted);
  const another = await openTarget(target.concrete, { startTimeoutMs: options.startTimeoutMs });
  const networked = await behind(another, options.network);
  try {
    const connection = await connectTarget(networked?.target ?? another, wanted);
    const close = connection.close.bind(connection);
    let closing = false;
    let lost = false;
    void another.child?.exited.then((end) => {
      if (!closing) deaths.push(withLastWords(howItEnded(end), another.stderrTail()));
    });
    const letGo = async () => {
      // Whoever calls notices the end of the pipe before that of the process is known.
      if (lost) await soonEnded(another.child);
      closing = true;
    };
    void connection.closed.then(async () => {
      lost = !closing;
      await letGo();
      await networked?.close();
      await stop(another);
    });
    return Object.assign(connection, {
      close: async () => {
        await letGo();
        await close();
        await stop(another);
      },
    });
  } catch (error) {
    await stop(another);
    throw error;
  }
}

async function openFresh(
  options: OpenBenchOptions,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<OpenedBench> {
  const { spec } = options;
  if (spec.kind === 'reference') {
    return await openBench({ ...options, spec: { ...spec, args: [...spec.args, ...args] } });
  }
  if (spec.kind === 'stdio') {
    return await openBench({ ...options, spec: { ...spec, env: { ...spec.env, ...env } } });
  }
  throw unreachableError(
    'A target that is given by its URL cannot be started anew',
    'Give its start command instead: dyno test -- COMMAND.',
  );
}

function loadTargetOf(
  options: OpenBenchOptions,
  { concrete }: OpenTarget,
  connection: McpConnection,
  authorization: string | undefined,
): LoadTarget {
  const dialect = {
    era: connection.era,
    protocolVersion: connection.protocolVersion,
    ...(options.answers === undefined ? {} : { answers: options.answers }),
  };
  if (concrete.kind === 'stdio') return { ...concrete, ...dialect };
  return {
    kind: connection.transport === 'sse' ? 'sse' : 'http',
    url: concrete.url,
    headers: { ...concrete.headers, ...(authorization === undefined ? {} : { authorization }) },
    ...(concrete.tls === undefined ? {} : { tls: concrete.tls }),
    ...dialect,
  };
}

/** A wrong endpoint is better told before the load than after it. */
async function tryMetrics({ metricsUrl, pid }: OpenBenchOptions): Promise<void> {
  if (metricsUrl === undefined || pid !== 'auto') return;
  await readMetricsEndpoint(metricsUrl).catch((error: unknown) => {
    throw unreachableError(
      `The metrics of ${redact(metricsUrl)} cannot be read: ${messageOf(error)}`,
      'Give the URL that Prometheus would scrape, or leave --metrics-url out.',
    );
  });
}

function resourcesOf(
  options: OpenBenchOptions,
  loadPids: readonly number[],
  watched: ResourceSource,
): ResourceSource {
  if (options.metricsUrl !== undefined && options.pid === 'auto')
    return { kind: 'metrics', url: options.metricsUrl };
  const [first, ...others] = loadPids;
  if (options.pid !== 'auto' || first === undefined) return watched;
  return { kind: 'processes', pids: [first, ...others] };
}
