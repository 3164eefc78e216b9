import { sleep, type Clock } from '../../../core/clock.js';
import type { JsonObject } from '../../../core/json.js';
import type { SseEvent } from '../../framing/sse-parser.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { requestHeaders } from '../../message/request-headers.js';
import { rpcCodes } from '../../server/rpc-error.js';
import type { Era, WireLimits } from '../../types.js';
import { WireError } from '../../wire-error.js';
import type { Exchange } from '../exchange.js';
import { parseFailure, statusFailure, toWireError } from '../failures.js';
import { SessionExpired, type Link, type LinkEvents } from '../link.js';
import { readEvents, type StreamPosition } from './event-stream.js';
import type { HttpRequests } from './http-requests.js';
import { ListeningStream } from './listening-stream.js';

/** What a notification, a reply or the end of a session may take, ms. */
const postTimeoutMs = 30_000;
const closeTimeoutMs = 1000;
/** How long a stream is still read for its end after its answer came: then its connection can be used again. */
const lingerMs = 1000;
const defaultRetryMs = 1000;
/** How long a connection waits for its GET stream, ms; some servers send no header before the first event. */
const listenPatienceMs = 500;

/** Streamable HTTP, in both eras. */
export class HttpLink implements Link {
  readonly kind = 'http';
  events!: LinkEvents;
  readonly #http: HttpRequests;
  readonly #clock: Clock;
  readonly #limits: WireLimits;
  #era: Era = 'session';
  #version: string | undefined;
  #sessionId: string | undefined;
  #listening: ListeningStream | undefined;
  #closed = false;

  constructor(http: HttpRequests, limits: WireLimits, clock: Clock) {
    this.#http = http;
    this.#limits = limits;
    this.#clock = clock;
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  get dropCancels(): boolean {
    return this.#era === 'stateless';
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  agree(era: Era, version: string | undefined): void {
    this.#era = era;
    this.#version = version;
    if (version === undefined) this.#sessionId = undefined;
  }

  async send(exchange: Exchange): Promise<void> {
    const { method } = exchange;
    const sessionId = this.#sessionId;
    const answer = await this.#http.send({
      method: 'POST',
      headers: this.#headers(exchange, sessionId),
      body: JSON.stringify(exchange.message),
      signal: exchange.signal,
      lane: method === 'subscriptions/listen' ? 'streams' : 'calls',
      what: method,
    });
    if (answer.status < 200 || answer.status >= 300) {
      await this.#refused(exchange, answer, sessionId);
      return;
    }
    if (method === 'initialize') this.#sessionId = answer.headers.get('mcp-session-id');
    if (answer.eventStream) await this.#readStream(exchange, answer, sessionId);
    else await this.#readBody(exchange, answer);
  }

  async post(message: JsonObject): Promise<void> {
    const what = typeof message['method'] === 'string' ? message['method'] : 'the reply to the server';
    await this.#withTimeout(postTimeoutMs, async (signal) => {
      const answer = await this.#http.send({
        method: 'POST',
        headers: requestHeaders(this.#era, this.#version, this.#sessionId, what),
        body: JSON.stringify(message),
        signal,
        lane: 'replies',
        what,
      });
      const text = await this.#http.excerpt(answer);
      if (answer.status < 200 || answer.status >= 300) {
        throw statusFailure(what, answer.status, answer.headers.get('retry-after'), text);
      }
    }).catch((error: unknown) => {
      throw toWireError(error, what);
    });
  }

  /** Waits a moment for the stream to open: what the server sends before is lost. */
  async listen(): Promise<void> {
    if (this.#era !== 'session' || this.#closed) return;
    this.#listening?.close();
    const listening = new ListeningStream({
      clock: this.#clock,
      maxBytes: this.#limits.maxBodyBytes,
      open: (lastEventId, signal) => this.#openStream(lastEventId, this.#sessionId, signal, 'the GET stream'),
      onEvent: (event) => {
        this.#event(event);
      },
    });
    this.#listening = listening;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(listenPatienceMs, resolve);
      void listening.ready.then(() => {
        cancel();
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listening?.close();
    const sessionId = this.#sessionId;
    if (sessionId !== undefined) {
      // A server may refuse to end sessions (405); that is its affair.
      await this.#withTimeout(closeTimeoutMs, async (signal) => {
        const headers = { ...this.#sessionHeaders(sessionId) };
        const lane = 'replies';
        const answer = await this.#http.send({ method: 'DELETE', headers, signal, lane, what: 'DELETE' });
        await this.#http.discard(answer);
      }).catch(() => undefined);
    }
    await this.#http.close();
  }

  #headers(exchange: Exchange, sessionId: string | undefined): Record<string, string> {
    const { method, params, inputSchema } = exchange;
    return requestHeaders(this.#era, this.#version, sessionId, method, params, inputSchema);
  }

  #sessionHeaders(sessionId: string | undefined): Record<string, string> {
    return {
      ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    };
  }

  async #refused(exchange: Exchange, answer: HttpAnswer, sessionId: string | undefined): Promise<void> {
    const text = await this.#http.excerpt(answer);
    const failure = statusFailure(exchange.method, answer.status, answer.headers.get('retry-after'), text);
    if (sessionId !== undefined && isSessionLost(failure, text)) {
      throw new SessionExpired(sessionId, failure);
    }
    if (failure.outcome === 'http' && failure.rpcCode !== undefined && idIn(text) === exchange.id) {
      const { rpcCode, data, status, response } = failure;
      throw new WireError(failure.message, { outcome: 'rpc', rpcCode, data, status, response });
    }
    throw failure;
  }

  async #readBody(exchange: Exchange, answer: HttpAnswer): Promise<void> {
    const { method } = exchange;
    const text = await answer.text();
    if (text.trim() === '')
      throw parseFailure(method, `HTTP ${answer.status} and an empty body`, '', answer.status);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      const type = answer.headers.get('content-type') ?? 'no content type';
      throw parseFailure(
        method,
        `HTTP ${answer.status} and a body that is no JSON (${type})`,
        text,
        answer.status,
      );
    }
    this.events.message(value, exchange);
    if (!exchange.settled) throw parseFailure(method, 'JSON that is no answer', text, answer.status);
  }

  /** Reads the stream that a request was answered with, resuming it where it breaks off and the server allows it. */
  async #readStream(exchange: Exchange, first: HttpAnswer, sessionId: string | undefined): Promise<void> {
    const position: StreamPosition = { lastEventId: undefined, retryMs: undefined };
    let answer = first;
    for (let resumes = 0; ; resumes++) {
      const broken = await this.#follow(exchange, answer, position);
      if (exchange.settled) return;
      const { lastEventId, retryMs = defaultRetryMs } = position;
      if (lastEventId === undefined || this.#era !== 'session' || resumes >= this.#limits.maxResumes) {
        throw broken ?? unanswered(exchange);
      }
      await sleep(retryMs, this.#clock, exchange.signal);
      exchange.resumed = true;
      answer = await this.#openStream(lastEventId, sessionId, exchange.signal, exchange.method);
    }
  }

  /** Reads one connection's share of a stream; returns what broke it, undefined where it ended in order. */
  async #follow(
    exchange: Exchange,
    answer: HttpAnswer,
    position: StreamPosition,
  ): Promise<WireError | undefined> {
    let cancelLinger: (() => void) | undefined;
    try {
      await readEvents(answer, {
        maxBytes: this.#limits.maxBodyBytes,
        position,
        onEvent: (event) => {
          this.#event(event, exchange);
          if (exchange.settled) {
            cancelLinger ??= this.#clock.after(lingerMs, () => {
              answer.cancel();
            });
          }
        },
      });
      return undefined;
    } catch (error) {
      answer.cancel();
      return toWireError(error, exchange.method);
    } finally {
      cancelLinger?.();
    }
  }

  #event(event: SseEvent, exchange?: Exchange): void {
    if (event.data === '') return;
    let value: unknown;
    try {
      value = JSON.parse(event.data);
    } catch {
      if (exchange !== undefined) exchange.garbage = event.data.slice(0, 2000);
      this.events.noise(event.data.slice(0, 1000));
      return;
    }
    this.events.message(value, exchange);
  }

  async #openStream(
    lastEventId: string | undefined,
    sessionId: string | undefined,
    signal: AbortSignal,
    what: string,
  ): Promise<HttpAnswer> {
    const headers = { ...this.#sessionHeaders(sessionId), accept: 'text/event-stream' };
    const answer = await this.#http.send({
      method: 'GET',
      headers: lastEventId === undefined ? headers : { ...headers, 'last-event-id': lastEventId },
      signal,
      lane: 'streams',
      what,
    });
    if (answer.status === 200 && answer.eventStream) return answer;
    const text = await this.#http.excerpt(answer);
    const verb = lastEventId === undefined ? what : `the stream broke off, and resuming ${what}`;
    const failure = statusFailure(verb, answer.status, answer.headers.get('retry-after'), text);
    throw lastEventId === undefined
      ? failure
      : new WireError(failure.message, { outcome: 'transport', status: answer.status, response: text });
  }

  async #withTimeout(ms: number, run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    const cancel = this.#clock.after(ms, () => {
      controller.abort(new WireError(`no answer within ${ms} ms`, { outcome: 'timeout' }));
    });
    try {
      await run(controller.signal);
    } finally {
      cancel();
    }
  }
}

function unanswered({ method, garbage }: Exchange): WireError {
  if (garbage !== undefined) return parseFailure(method, 'an event that is no JSON', garbage, 200);
  return new WireError(`the stream ended before the answer to ${method}`, { outcome: 'transport' });
}

/** 404 as specified; some servers answer 400 and say so in words (server-everything does). */
function isSessionLost({ status, rpcCode }: WireError, body: string): boolean {
  if (status === 404) return rpcCode !== rpcCodes.methodNotFound;
  return status === 400 && /session/i.test(body);
}

function idIn(body: string): unknown {
  try {
    return (JSON.parse(body) as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}
