import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../../core/clock.js';
import type { Json } from '../../../core/json.js';
import { classifyMessage, type ClassifiedMessage } from '../../message/json-rpc.js';
import { metaKeys, metaOf } from '../../message/request-meta.js';
import { errorAnswer, type Answer } from '../answer.js';
import type { IncomingRequest } from '../call.js';
import {
  claimsStateless,
  sessionVersions,
  statelessFacts,
  unknownClient,
  unsupportedVersion,
  type ClientFacts,
} from '../client-facts.js';
import type { McpServer } from '../mcp-server.js';
import { Peer } from '../peer.js';
import { rpcCodes, RpcError } from '../rpc-error.js';
import type { AnswerMode, ServeHttpOptions } from '../server-types.js';
import { answerBatch } from './batch.js';
import { HttpReply, sendJson, type ReplyHost } from './http-reply.js';
import { HttpSession, HttpSessions } from './http-sessions.js';
import { readBody } from './read-body.js';
import { beginStream, type EventLog, type SseStream } from './sse-stream.js';
import { StreamKeeper } from './stream-keeper.js';
import { checkStatelessHeaders, checkVersionHeader } from './stateless-headers.js';

/** What a client that says no revision is taken to speak (2025-06-18, "Protocol Version Header"). */
const assumedVersion = '2025-03-26';

type Exchange = { request: IncomingMessage; response: ServerResponse };

/** Serves streamable HTTP on an HTTP server's requests; see {@link ServeHttpOptions}. @internal */
export class McpHandler {
  readonly sessions: HttpSessions;
  readonly #server: McpServer;
  readonly #options: ServeHttpOptions;
  readonly #maxBody: number;
  readonly #stateful: boolean;
  readonly #host: ReplyHost;
  /** Everybody without a session. */
  readonly #anyone: Peer;

  constructor(server: McpServer, options: ServeHttpOptions) {
    this.#server = server;
    this.#options = options;
    this.#host = { open: new Set(), waiting: new Set(), keeper: new StreamKeeper(options.heldStreams) };
    this.#maxBody = options.maxBodyBytes ?? 4 * 1024 * 1024;
    this.#stateful = (options.session ?? 'stateful') === 'stateful' && options.eras !== 'stateless';
    this.#anyone = new Peer(server, unknownClient(assumedVersion), { canAsk: false, shared: true });
    this.sessions = new HttpSessions(
      options.maxSessions ?? 10_000,
      options.sessionIdleMs ?? 30 * 60_000,
      options.clock ?? systemClock,
      options.onSession,
    );
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const exchange = { request, response };
    if (request.method === 'POST') this.#post(exchange);
    else if (!this.#stateful || (request.method !== 'GET' && request.method !== 'DELETE')) {
      refuse(response, 405, rpcCodes.badRequest, 'Method not allowed.', [
        'Allow',
        this.#stateful ? 'GET, POST, DELETE' : 'POST',
      ]);
    } else if (request.method === 'GET') this.#get(exchange);
    else this.#delete(exchange);
  }

  /** Writes a comment on every open stream. */
  keepAlive(): void {
    for (const stream of this.#host.open) stream.comment();
  }

  close(): void {
    for (const reply of [...this.#host.waiting]) reply.stop();
    this.sessions.close();
  }

  #post(exchange: Exchange): void {
    const { request, response } = exchange;
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      refuse(
        response,
        415,
        rpcCodes.badRequest,
        'Unsupported Media Type: Content-Type must be application/json',
      );
      return;
    }
    if (!acceptsBoth(request.headers.accept)) {
      const text = 'Not Acceptable: Client must accept both application/json and text/event-stream';
      refuse(response, 406, rpcCodes.badRequest, text);
      return;
    }
    readBody(request, this.#maxBody, (text) => {
      if (text === undefined) {
        const words = `Payload too large: at most ${this.#maxBody} bytes`;
        refuse(response, 413, rpcCodes.badRequest, words, ['Connection', 'close']);
        return;
      }
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch {
        refuse(response, 400, rpcCodes.parse, 'Parse error: the body is no JSON');
        return;
      }
      this.#message(exchange, body);
    });
  }

  #message(exchange: Exchange, body: unknown): void {
    const { response } = exchange;
    if (Array.isArray(body)) {
      this.#batch(exchange, body as unknown[]);
      return;
    }
    const message = classifyMessage(body);
    if (message.kind === 'invalid') {
      refuse(response, 400, rpcCodes.invalidRequest, `Invalid Request: ${message.reason}`);
      return;
    }
    try {
      if (message.kind === 'request') this.#request(exchange, message);
      else this.#tell(exchange, message);
    } catch (error) {
      const answer = errorAnswer(message.kind === 'request' ? message.id : null, error);
      sendJson(response, answer.status, answer.message);
    }
  }

  #request(exchange: Exchange, message: IncomingRequest): void {
    const { request, response } = exchange;
    const facts = this.#statelessFacts(request, message);
    if (facts !== undefined) {
      const listens = message.method === 'subscriptions/listen';
      if (listens && this.#tooManyStreams(response, message.id)) return;
      const reply = this.#reply(response, message, { log: undefined, primed: false, cancelOnDrop: true });
      settle(this.#anyone.answer(message, listens ? reply.held() : reply, facts), reply);
      return;
    }
    if (message.method === 'initialize') {
      this.#initialize(exchange, message);
      return;
    }
    const session = this.#session(request);
    const version = session?.peer.facts.protocolVersion ?? this.#version(request);
    const log = session?.log;
    const reply = this.#reply(response, message, {
      log,
      primed: log !== undefined && version >= '2025-11-25',
      cancelOnDrop: false,
    });
    if (session !== undefined) settle(session.peer.answer(message, reply), reply);
    else settle(this.#anyone.answer(message, reply, unknownClient(version)), reply);
  }

  #initialize({ response }: Exchange, message: IncomingRequest): void {
    if (!this.#stateful) {
      const reply = this.#reply(response, message, { log: undefined, primed: false, cancelOnDrop: false });
      settle(this.#anyone.answer(message, reply, unknownClient(assumedVersion)), reply);
      return;
    }
    const session = new HttpSession(
      this.#server,
      this.#options.eventStore ?? 0,
      this.#options.retryMs,
      this.#host.keeper.sending,
    );
    if (!this.sessions.add(session)) {
      refuse(response, 503, rpcCodes.badRequest, 'Too many sessions', ['Retry-After', '1'], message.id);
      return;
    }
    const reply = this.#reply(response, message, { log: undefined, primed: false, cancelOnDrop: false });
    settle(session.peer.answer(message, reply), reply, ['Mcp-Session-Id', session.id]);
  }

  /** A notification, or the answer to a request of ours: 202 and nothing else. */
  #tell(
    { request, response }: Exchange,
    message: Exclude<ClassifiedMessage, { kind: 'request' | 'invalid' }>,
  ): void {
    const modern =
      namesStateless(request) || (message.kind === 'notification' && claimsStateless(metaOf(message.params)));
    if (!modern || this.#options.eras === 'session') {
      if (this.#options.eras === 'stateless' && message.kind !== 'notification') {
        throw new RpcError(rpcCodes.invalidRequest, 'Responses cannot be posted here', undefined, 400);
      }
      const peer = (this.#options.eras === 'stateless' ? undefined : this.#session(request))?.peer;
      if (message.kind === 'notification') peer?.heard(message.method, message.params);
      else peer?.answered(message);
    }
    response.writeHead(202, ['Content-Length', '0']);
    response.end();
  }

  #batch({ request, response }: Exchange, body: unknown[]): void {
    try {
      if (this.#options.eras === 'stateless') throw noBatches();
      const session = this.#session(request);
      const version = session?.peer.facts.protocolVersion ?? this.#version(request);
      if (version !== '2025-03-26' && version !== '2024-11-05') throw noBatches();
      const peer = session?.peer ?? this.#anyone;
      void answerBatch(peer, body, unknownClient(version)).then((answers) => {
        if (answers.length > 0) sendJson(response, 200, answers);
        else response.writeHead(202, ['Content-Length', '0']).end();
      });
    } catch (error) {
      const answer = errorAnswer(null, error);
      sendJson(response, answer.status, answer.message);
    }
  }

  #get({ request, response }: Exchange): void {
    if (!/text\/event-stream|\*\/\*/.test(request.headers.accept ?? '')) {
      refuse(response, 406, rpcCodes.badRequest, 'Not Acceptable: Client must accept text/event-stream');
      return;
    }
    const session = this.#sessionOrRefuse(request, response);
    if (session === undefined || this.#tooManyStreams(response)) return;
    const lastEventId = request.headers['last-event-id'];
    if (typeof lastEventId !== 'string') {
      this.#open(response, session.stream, session.log, session.peer.facts.protocolVersion);
      return;
    }
    const resumed = session.log?.after(lastEventId);
    if (resumed === undefined) {
      refuse(response, 400, rpcCodes.badRequest, `Bad Request: the event '${lastEventId}' is not known`);
      return;
    }
    beginStream(response);
    this.#track(response, resumed.stream);
    resumed.stream.attach(response, resumed.texts);
  }

  #open(response: ServerResponse, stream: SseStream, log: EventLog | undefined, version: string): void {
    beginStream(response);
    this.#track(response, stream);
    stream.attach(response);
    if (log !== undefined && version >= '2025-11-25') stream.prime();
  }

  #track(response: ServerResponse, stream: SseStream): void {
    this.#host.open.add(stream);
    this.#host.keeper.add(response, () => {
      response.end();
    });
    response.once('close', () => {
      if (!stream.connected) this.#host.open.delete(stream);
    });
  }

  #tooManyStreams(response: ServerResponse, id?: Json): boolean {
    if (!this.#host.keeper.full) return false;
    this.#options.heldStreams?.onStream?.('refused');
    refuse(response, 503, rpcCodes.badRequest, 'Too many streams', ['Retry-After', '1'], id);
    return true;
  }

  #delete({ request, response }: Exchange): void {
    const session = this.#sessionOrRefuse(request, response);
    if (session === undefined) return;
    if (this.#options.keepEndedSessions !== true) this.sessions.end(session);
    response.writeHead(200, ['Content-Length', '0']);
    response.end();
  }

  #sessionOrRefuse(request: IncomingMessage, response: ServerResponse): HttpSession | undefined {
    try {
      return this.#session(request);
    } catch (error) {
      const answer = errorAnswer(null, error);
      sendJson(response, answer.status, answer.message);
      return undefined;
    }
  }

  /** The session that a request names; undefined where sessions are off. @throws RpcError with the right status. */
  #session(request: IncomingMessage): HttpSession | undefined {
    this.#version(request);
    if (!this.#stateful) return undefined;
    const id = request.headers['mcp-session-id'];
    if (typeof id !== 'string') {
      throw new RpcError(
        rpcCodes.badRequest,
        'Bad Request: Mcp-Session-Id header is required',
        undefined,
        400,
      );
    }
    const session = this.sessions.use(id);
    if (session === undefined) {
      throw new RpcError(rpcCodes.sessionNotFound, 'Session not found', undefined, 404);
    }
    return session;
  }

  /** The revision that a session-era request names. @throws RpcError (400) where it is not served. */
  #version(request: IncomingMessage): string {
    const named = request.headers['mcp-protocol-version'];
    if (named === undefined) return assumedVersion;
    const served = this.#server.options.sessionVersions ?? sessionVersions;
    if (typeof named === 'string' && served.includes(named)) return named;
    throw new RpcError(
      rpcCodes.badRequest,
      `Bad Request: Unsupported protocol version: ${String(named)} (supported versions: ${served.join(', ')})`,
      undefined,
      400,
    );
  }

  /** The client's facts where this is a request of the stateless era, checked; undefined where it is not. */
  #statelessFacts(request: IncomingMessage, message: IncomingRequest): ClientFacts | undefined {
    const { eras } = this.#options;
    if (eras === 'session') return undefined;
    const meta = metaOf(message.params);
    if (!claimsStateless(meta)) {
      if (
        message.method === 'initialize'
          ? eras === 'stateless'
          : eras === 'stateless' && !namesStateless(request)
      ) {
        const { protocolVersion } = message.params;
        throw unsupportedVersion(typeof protocolVersion === 'string' ? protocolVersion : undefined);
      }
      if (!namesStateless(request)) return undefined;
      if (message.method === 'initialize') {
        throw new RpcError(
          rpcCodes.headerMismatch,
          'Bad Request: initialize does not exist in the revision that MCP-Protocol-Version names',
          undefined,
          400,
        );
      }
    }
    checkVersionHeader(request.headers, meta?.[metaKeys.protocolVersion]);
    const facts = statelessFacts(meta);
    checkStatelessHeaders(request.headers, message, facts.protocolVersion, this.#server);
    return facts;
  }

  #reply(
    response: ServerResponse,
    message: IncomingRequest,
    options: { log: EventLog | undefined; primed: boolean; cancelOnDrop: boolean },
  ): HttpReply {
    const { answers = 'auto' } = this.#options;
    const mode: AnswerMode =
      typeof answers === 'function' ? answers(message.method, message.params) : answers;
    return new HttpReply(response, mode, this.#host, options);
  }
}

function settle(
  answer: Answer | Promise<Answer | undefined>,
  reply: HttpReply,
  headers: readonly string[] = [],
): void {
  if (!(answer instanceof Promise)) reply.finish(answer, headers);
  else {
    void answer.then((late) => {
      reply.finish(late, headers);
    });
  }
}

/** @internal */
export function refuse(
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
  headers: readonly string[] = [],
  id: Json = null,
): void {
  sendJson(response, status, { jsonrpc: '2.0', error: { code, message }, id }, headers);
}

function noBatches(): RpcError {
  return new RpcError(
    rpcCodes.invalidRequest,
    'Invalid Request: no batches in this revision',
    undefined,
    400,
  );
}

function namesStateless(request: IncomingMessage): boolean {
  const version = request.headers['mcp-protocol-version'];
  return typeof version === 'string' && version >= '2026' && !sessionVersions.includes(version);
}

/** Absent, or a wildcard, counts as everything: only a client that says otherwise is turned away. */
function acceptsBoth(accept: string | undefined): boolean {
  if (accept === undefined || accept.includes('*/*')) return true;
  return accept.includes('application/json') && accept.includes('text/event-stream');
}
