import { DynoError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { version } from '../../core/version.js';
import type { LoadTarget } from '../../load/index.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { SseParser } from '../../protocol/framing/index.js';
import { HttpPool, type HttpAnswer } from '../../protocol/http/index.js';
import { describeAnswer, isGood, messageIn, noneOf, type WireAnswer } from './wire-answer.js';

/** What of an answer is kept, bytes. */
const maxText = 256 * 1024;

/** One HTTP request of the laboratory. */
export interface WireRequest {
  method: string;
  session?: string | undefined;
  /** JSON; absent: no body. */
  message?: JsonObject;
  /** Besides those that belong to the request; undefined leaves one out. */
  headers?: Record<string, string | undefined>;
  /** Only the head of the answer is waited for. */
  headOnly?: boolean;
}

/** Speaks the session era over HTTP request by request, without a client's good manners: what is sent is what was asked for. */
export class SessionWire {
  readonly #target: Extract<LoadTarget, { kind: 'http' }>;
  readonly #operation: OperationPlan | undefined;
  readonly #pool: HttpPool;
  readonly #path: string;
  readonly patienceMs: number;
  /** Calls that were answered with a result, over all connections. */
  readonly answered: { calls: number };
  #nextId = 1;

  /**
   * @param operation what a call is; `ping` where the server has no tool that may be called.
   * @param patienceMs an answer that has not come by then does not come.
   */
  constructor(
    target: Extract<LoadTarget, { kind: 'http' }>,
    { operation, patienceMs }: { operation: OperationPlan | undefined; patienceMs: number },
    answered = { calls: 0 },
  ) {
    this.answered = answered;
    this.#target = target;
    this.#operation = operation;
    this.patienceMs = patienceMs;
    const { pathname, search } = new URL(target.url);
    this.#path = `${pathname}${search}`;
    this.#pool = new HttpPool({
      origin: target.url,
      maxConnections: 64,
      connectTimeoutMs: patienceMs,
      ...(target.tls === undefined ? {} : { tls: target.tls }),
      ...(target.via === undefined ? {} : { via: target.via }),
    });
  }

  /** The same target over connections of its own. */
  apart(): SessionWire {
    const { patienceMs, answered } = this;
    return new SessionWire(this.#target, { operation: this.#operation, patienceMs }, answered);
  }

  /**
   * Opens a session: its id, undefined where the server gives none.
   *
   * @throws DynoError with what came instead.
   */
  async open(): Promise<string | undefined> {
    const answer = await this.send({
      method: 'POST',
      message: this.#request('initialize', {
        protocolVersion: this.#target.protocolVersion,
        capabilities: {},
        clientInfo: { name: 'mcp-dyno', version },
      }),
    });
    if (!isGood(answer)) throw unopened(`initialize was answered with ${describeAnswer(answer)}`);
    const { sessionId } = answer;
    const message = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const announced = await this.send({ method: 'POST', session: sessionId, message });
    if (announced.kind === 'none' || announced.status >= 400)
      throw unopened(`notifications/initialized was answered with ${describeAnswer(announced)}`);
    return sessionId;
  }

  /** What its calls are called in a result. */
  get operationName(): string {
    return this.#operation?.name ?? 'ping';
  }

  /** The message of one call, with an id of its own. */
  callMessage(): JsonObject & { id: number } {
    const operation = this.#operation;
    const params = operation?.params[this.#nextId % Math.max(1, operation.params.length)];
    return this.#request(operation?.method ?? 'ping', params ?? {});
  }

  /** One call in a session. */
  async call(session: string | undefined): Promise<WireAnswer> {
    const answer = await this.send({ method: 'POST', session, message: this.callMessage() });
    if (isGood(answer)) this.answered.calls++;
    return answer;
  }

  /** Ends a session. */
  end(session: string): Promise<WireAnswer> {
    return this.send({ method: 'DELETE', session });
  }

  /** Sends a request and reads its answer, a stream until it carries it. Never rejects. */
  async send(request: WireRequest): Promise<WireAnswer> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(new Error(`no answer within ${this.patienceMs} ms`));
    }, this.patienceMs);
    try {
      const answer = await this.request(request, late.signal);
      const type = (answer.headers.get('content-type') ?? '').toLowerCase();
      const head = { kind: 'answer', status: answer.status, type } as const;
      const sessionId = answer.headers.get('mcp-session-id');
      // What a HEAD is answered with has no body, whatever its length says.
      if (request.headOnly === true || request.method === 'HEAD') {
        answer.cancel();
        return { ...head, text: '', sessionId };
      }
      return { ...head, text: await readText(answer, request.message?.['id']), sessionId };
    } catch (error) {
      return noneOf(error, late.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a request; the caller reads its answer. @throws HttpError, or the signal's reason. */
  request(request: WireRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, session, message } = request;
    const headers: Record<string, string | undefined> = {
      ...(message === undefined ? {} : { 'content-type': 'application/json' }),
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(message?.['method'] === 'initialize'
        ? {}
        : { 'mcp-protocol-version': this.#target.protocolVersion }),
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
      ...this.#target.headers,
      ...request.headers,
    };
    const given = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return this.#pool.request({
      method,
      path: this.#path,
      headers: Object.fromEntries(given) as Record<string, string>,
      signal,
      ...(message === undefined ? {} : { body: JSON.stringify(message) }),
    });
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  #request(method: string, params: JsonObject): JsonObject & { id: number } {
    return { jsonrpc: '2.0', id: this.#nextId++, method, params };
  }
}

async function readText(answer: HttpAnswer, id: unknown): Promise<string> {
  if (!answer.eventStream) {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of answer.body()) {
      pieces.push(piece);
      size += piece.length;
      if (size > maxText) break;
    }
    return Buffer.concat(pieces).toString('utf8', 0, maxText);
  }
  // A stream that answers nothing is told by its head.
  if (id === undefined || answer.status !== 200) {
    answer.cancel();
    return '';
  }
  let found: string | undefined;
  const parser = new SseParser({
    maxBytes: 16 * 1024 * 1024,
    onEvent: ({ data }) => {
      if (found === undefined && messageIn(data, id) !== undefined) found = data;
    },
  });
  for await (const piece of answer.body()) {
    parser.push(piece);
    if (found !== undefined) break;
  }
  return found ?? '';
}

function unopened(message: string): DynoError {
  return new DynoError(`No session can be opened: ${message}`, { code: 'no-session', exitCode: 99 });
}
