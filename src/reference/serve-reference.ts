import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf, sleep, usageError } from '../core/index.js';
import { serveHttp, serveStdio, type AnswerMode } from '../protocol/index.js';
import { checkKnobs } from './knobs/check-knobs.js';
import { httpOutcomes, type ReferenceKnobs } from './knobs/knobs.js';
import { createReferenceServer, type ReferenceServer } from './reference-server.js';

/** A reference server that is being served. */
export interface ReferenceServing extends ReferenceServer {
  /** The endpoint; undefined on stdio. */
  url: string | undefined;
  /** Where legacy HTTP+SSE is served too. */
  sseUrl: string | undefined;
  /** Resolves when it is served no more: the client of stdio has gone, or {@link ReferenceServing.close}. */
  closed: Promise<void>;
  /** Writes the stats file where one was asked for, and ends everything. */
  close(): Promise<void>;
}

/**
 * Serves the reference server in this process.
 *
 * @throws DynoError (104) for knobs that exclude each other; DynoError (111) where it cannot listen.
 */
export async function serveReference(
  knobs: ReferenceKnobs,
  onDeath?: (why: string) => void,
): Promise<ReferenceServing> {
  checkKnobs(knobs);
  const reference = await createReferenceServer(knobs, onDeath);
  if (knobs.startDelayMs > 0) await sleep(knobs.startDelayMs);
  const served = knobs.transport === 'http' ? await overHttp(reference, knobs) : overStdio(reference, knobs);
  const stopClockwork = reference.startClockwork();
  let ending: Promise<void> | undefined;
  const close = () =>
    (ending ??= (async () => {
      stopClockwork();
      // Before closing, which ends the sessions that clients left open.
      const stats = reference.truth.publish();
      await served.close();
      if (knobs.statsFile !== undefined) writeFileSync(knobs.statsFile, JSON.stringify(stats));
    })());
  return { ...reference, url: served.url, sseUrl: served.sseUrl, closed: served.closed.then(close), close };
}

interface Served {
  url: string | undefined;
  sseUrl: string | undefined;
  closed: Promise<void>;
  close(): Promise<void>;
}

function overStdio({ server }: ReferenceServer, knobs: ReferenceKnobs): Served {
  const serving = serveStdio(server, { eras: knobs.era, maxLineBytes: knobs.maxRequestBytes });
  return { url: undefined, sseUrl: undefined, closed: serving.closed, close: () => serving.close() };
}

async function overHttp({ server, truth, conduct }: ReferenceServer, knobs: ReferenceKnobs): Promise<Served> {
  const held = new Map<string, Buffer>();
  const heldByStreams = new Map<object, Buffer>();
  const serving = await serveHttp(server, {
    port: knobs.port,
    host: knobs.host,
    path: knobs.path,
    eras: knobs.era,
    session: knobs.sessions ? 'stateful' : 'stateless',
    answers: answerMode(knobs),
    maxSessions: knobs.sessionLimit,
    sessionIdleMs: knobs.sessionTtlMs,
    keepEndedSessions: knobs.leakSessions,
    maxBodyBytes: knobs.maxRequestBytes,
    intercept: (request, response) => answerTruth(request, response, truth),
    heldStreams: {
      limit: knobs.streamLimit,
      idleMs: knobs.streamIdleMs,
      lifeMs: knobs.streamLifeMs,
      onStream: (change, stream) => {
        truth.streams.stream(change);
        if (stream === undefined || knobs.bytesPerStream === 0) return;
        if (change === 'opened') {
          heldByStreams.set(stream, Buffer.allocUnsafeSlow(knobs.bytesPerStream).fill(0xa5));
        } else heldByStreams.delete(stream);
      },
      ...(knobs.tickMs > 0 && { onWritten: truth.streams.written }),
    },
    ...(knobs.idleTimeoutMs > 0 && { idleTimeoutMs: knobs.idleTimeoutMs }),
    ...(knobs.eventStore > 0 && { eventStore: knobs.eventStore, retryMs: 100 }),
    ...(knobs.ssePath !== undefined && { ssePath: knobs.ssePath }),
    ...(knobs.tls !== undefined && { tls: readTls(knobs.tls) }),
    onConnection: (socket) => {
      if (truth.connectionsOpen >= knobs.connectionLimit) {
        socket.destroy();
        return;
      }
      truth.connection('opened');
      socket.once('close', () => {
        truth.connection('closed');
      });
    },
    onSession: (change, id) => {
      truth.session(change);
      if (change === 'ended') {
        held.delete(id);
        return;
      }
      conduct.sessionHoard.keep(knobs.leakBytesPerSession);
      if (knobs.bytesPerSession > 0) held.set(id, Buffer.allocUnsafeSlow(knobs.bytesPerSession).fill(0xa5));
    },
  });
  let resolveClosed!: () => void;
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });
  return {
    url: serving.url,
    sseUrl: serving.sseUrl,
    closed,
    close: async () => {
      await serving.close();
      resolveClosed();
    },
  };
}

function readTls({ cert, key }: { cert: string; key: string }): { cert: string; key: string } {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw usageError(`--tls: cannot read ${file}: ${messageOf(error)}`, undefined, error);
    }
  };
  return { cert: read(cert), key: read(key) };
}

/** A status can only be sent while the stream has not begun, so those outcomes make streams begin late. */
function answerMode({ answer, fail }: ReferenceKnobs): AnswerMode {
  if (answer === 'json') return 'auto';
  if (answer === 'chunked') return 'chunked';
  return httpOutcomes.some((outcome) => (fail.get(outcome) ?? 0) > 0) ? 'late-sse' : 'sse';
}

/** `GET /dyno/stats` reads the counts, `POST /dyno/reset` sets them to zero. */
function answerTruth(
  { url, method }: IncomingMessage,
  response: ServerResponse,
  truth: ReferenceServer['truth'],
): boolean {
  if (url === '/dyno/stats' && method === 'GET') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(truth.publish()));
    return true;
  }
  if (url === '/dyno/reset' && method === 'POST') {
    truth.reset();
    response.setHeader('Content-Type', 'application/json');
    response.end('{}');
    return true;
  }
  return false;
}
