import { readFileSync } from 'node:fs';
import { systemClock } from '../../core/clock.js';
import type { ConnectOptions, Endpoint, Implementation, McpConnection, StdioPipe } from '../types.js';
import { WireError } from '../wire-error.js';
import { latestSessionVersion, statelessVersion } from './agreement.js';
import { Connection, type ConnectionParts } from './connection.js';
import { toWireError } from './failures.js';
import { discoverStateless, incompatible, openSession, type TimeLeft } from './handshake.js';
import { defaultLimits } from './limits.js';
import type { Link } from './link.js';
import { afterAtMost } from './time-limit.js';
import { forgetVerdicts, keepVerdict, recallVerdict } from './verdicts.js';

const defaultTimeoutMs = 30_000;
/** What asking for the stateless era may take of the handshake's time, so that a silent server still gets `initialize`. */
const probeShare = 1 / 3;

/** See `connect`. @internal */
export async function openConnection(
  endpoint: Endpoint,
  options: ConnectOptions = {},
): Promise<McpConnection> {
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const deadline = clock.now() + timeoutMs;
  const timeLeft: TimeLeft = () => Math.max(1, deadline - clock.now());
  const base = {
    options,
    clientInfo: options.clientInfo ?? ownInfo(),
    limits: { ...defaultLimits, ...withoutUndefined(options.limits ?? {}) },
    clock,
    timeoutMs,
  };
  options.signal?.throwIfAborted();
  switch (endpoint.kind) {
    case 'http':
      return await connectHttp(endpoint, base, timeLeft);
    case 'sse':
      return await using(await linkTo(endpoint, base), base, (attempt) => session(attempt, timeLeft));
    case 'stdio':
      return await connectStdio(endpoint.pipe, base, timeLeft);
    case 'in-process':
      return await using(await linkTo(endpoint, base), base, (attempt) => negotiate(attempt, timeLeft));
  }
}

type Base = Omit<ConnectionParts, 'link'>;
type HttpEndpoint = Extract<Endpoint, { kind: 'http' }>;

/** A connection that is being negotiated. */
interface Attempt {
  connection: Connection;
  parts: ConnectionParts;
}

/** Runs a negotiation on a link; whatever goes wrong, the link is closed again. */
async function using(
  link: Link,
  base: Base,
  negotiation: (attempt: Attempt) => Promise<void>,
): Promise<Connection> {
  const parts = { ...base, link };
  const connection = new Connection(parts);
  try {
    await openLink(parts);
    await negotiation({ connection, parts });
    return connection;
  } catch (error) {
    await connection.close();
    base.options.signal?.throwIfAborted();
    throw toWireError(error, 'the handshake');
  }
}

async function openLink({ link, clock, timeoutMs, options }: ConnectionParts): Promise<void> {
  const controller = new AbortController();
  const abort = () => {
    controller.abort(options.signal?.reason);
  };
  options.signal?.addEventListener('abort', abort, { once: true });
  const cancel = afterAtMost(clock, timeoutMs, () => {
    controller.abort(new WireError(`no answer within ${timeoutMs} ms`, { outcome: 'timeout' }));
  });
  try {
    await link.open(controller.signal);
  } finally {
    cancel();
    options.signal?.removeEventListener('abort', abort);
  }
}

/** `initialize`, now and whenever the session expires. */
async function session({ connection, parts }: Attempt, timeLeft: TimeLeft): Promise<void> {
  const { protocol = 'auto' } = parts.options;
  if (protocol === statelessVersion) {
    throw new WireError(`protocol version ${protocol} does not exist over legacy HTTP+SSE`, {
      outcome: 'mismatch',
    });
  }
  const version = protocol === 'auto' ? latestSessionVersion : protocol;
  await openSession(connection, parts, version, protocol !== 'auto', timeLeft);
  connection.reopen = async () => {
    connection.diagnostics.reopened++;
    const again = { ...parts, options: { ...parts.options, signal: undefined } };
    await openSession(connection, again, connection.protocolVersion, false, () => parts.timeoutMs);
  };
}

/** The stateless era, and nothing else. */
async function stateless({ connection, parts }: Attempt, timeLeft: TimeLeft): Promise<void> {
  const outcome = await discoverStateless(connection, parts, timeLeft());
  if (outcome.kind === 'incompatible') throw incompatible(outcome.supported);
  if (outcome.kind === 'other') throw outcome.error;
}

/** The stateless era where the server speaks it, else a session; on one and the same link. */
async function negotiate(attempt: Attempt, timeLeft: TimeLeft): Promise<void> {
  const { protocol = 'auto' } = attempt.parts.options;
  if (protocol === statelessVersion) return await stateless(attempt, timeLeft);
  if (protocol !== 'auto') return await session(attempt, timeLeft);
  const outcome = await discoverStateless(attempt.connection, attempt.parts, timeLeft() * probeShare);
  if (outcome.kind === 'incompatible') throw incompatible(outcome.supported);
  if (outcome.kind === 'other') await session(attempt, timeLeft);
}

async function connectHttp(endpoint: HttpEndpoint, base: Base, timeLeft: TimeLeft): Promise<Connection> {
  const { protocol = 'auto' } = base.options;
  const link = await linkTo(endpoint, base);
  const origin = new URL(endpoint.url).origin;
  const verdict = protocol === 'auto' ? recallVerdict(origin) : undefined;
  try {
    if (verdict === 'sse') return await legacy(endpoint, base, timeLeft);
    const connection = await using(link, base, (attempt) =>
      verdict === 'session' ? session(attempt, timeLeft) : negotiate(attempt, timeLeft),
    );
    if (protocol === 'auto') keepVerdict(origin, connection.era);
    return connection;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (verdict !== undefined && error.outcome !== 'connect') {
      // What worked with this origin before does not any more, or not at this path.
      forgetVerdicts(origin);
      return await connectHttp(endpoint, base, timeLeft);
    }
    const refused = error.status === 400 || error.status === 404 || error.status === 405;
    if (!refused || protocol === statelessVersion) throw error;
    const connection = await legacy(endpoint, base, timeLeft).catch(() => {
      throw error;
    });
    if (protocol === 'auto') keepVerdict(origin, 'sse');
    return connection;
  }
}

async function legacy(endpoint: HttpEndpoint, base: Base, timeLeft: TimeLeft): Promise<Connection> {
  const link = await linkTo({ ...endpoint, kind: 'sse' }, base);
  return await using(link, base, (attempt) => session(attempt, timeLeft));
}

async function connectStdio(pipe: StdioPipe, base: Base, timeLeft: TimeLeft): Promise<Connection> {
  const { protocol = 'auto', probe } = base.options;
  const link = await linkTo({ kind: 'stdio', pipe }, base);
  return await using(link, base, async (attempt) => {
    if (protocol === statelessVersion) return await stateless(attempt, timeLeft);
    if (protocol !== 'auto') return await session(attempt, timeLeft);
    if (probe !== undefined) {
      const { probeEra } = await import('./probe.js');
      // One that never answers must leave time for the question in earnest, which tells why.
      const era = await probeEra(await probe(), base, () => timeLeft() / 2);
      return era === 'stateless' ? await stateless(attempt, timeLeft) : await session(attempt, timeLeft);
    }
    try {
      await session(attempt, timeLeft);
    } catch (error) {
      // A server of the stateless era alone refuses `initialize`, and is none the worse for it.
      if (!(error instanceof WireError) || error.rpcCode === undefined) throw error;
      const outcome = await discoverStateless(attempt.connection, attempt.parts, timeLeft());
      if (outcome.kind === 'incompatible') throw incompatible(outcome.supported);
      if (outcome.kind === 'other') throw error;
    }
  });
}

/** The link to an endpoint; each kind's code is loaded when it is first needed. */
async function linkTo(endpoint: Endpoint, { limits, clock, options }: Base): Promise<Link> {
  switch (endpoint.kind) {
    case 'stdio': {
      const { StdioLink } = await import('./links/stdio-link.js');
      return new StdioLink(endpoint.pipe, limits, clock);
    }
    case 'in-process': {
      const { InProcessLink } = await import('./links/in-process-link.js');
      return new InProcessLink(endpoint.server);
    }
    default: {
      const { HttpRequests } = await import('./links/http-requests.js');
      const http = new HttpRequests(endpoint, limits, options.maxConnections ?? 256);
      if (endpoint.kind === 'sse') {
        const { SseLink } = await import('./links/sse-link.js');
        return new SseLink(http, limits, clock);
      }
      const { HttpLink } = await import('./links/http-link.js');
      return new HttpLink(http, limits, clock);
    }
  }
}

let info: Implementation | undefined;

function ownInfo(): Implementation {
  if (info === undefined) {
    const file = new URL('../../../package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    info = { name: 'mcp-dyno', version };
  }
  return info;
}

function withoutUndefined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
