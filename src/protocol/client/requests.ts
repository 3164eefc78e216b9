import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/clock.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { classifyResponse, plain } from '../message/classify-response.js';
import { classifyMessage } from '../message/json-rpc.js';
import type {
  NotificationHandler,
  RequestId,
  RequestOptions,
  WireDiagnostics,
  WireLimits,
} from '../types.js';
import { WireError } from '../wire-error.js';
import { Exchange } from './exchange.js';
import { parseFailure, rpcFailure, toWireError } from './failures.js';
import type { IncomingRequests } from './incoming.js';
import { SessionExpired, type Link, type LinkEvents } from './link.js';
import { afterAtMost } from './time-limit.js';

/** A request as the connection makes it. */
export interface PreparedRequest {
  method: string;
  params: JsonObject;
  inputSchema?: JsonObject | undefined;
}

/** Ties answers to requests: ids, time limits, cancellation, progress, and what to make of everything unexpected. */
export class Requests implements LinkEvents {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #limits: WireLimits;
  readonly #incoming: IncomingRequests;
  readonly #onNotification: NotificationHandler | undefined;
  readonly #pending = new Map<RequestId, Exchange>();
  readonly #onGone: (error: WireError) => void;
  readonly diagnostics: WireDiagnostics = { noise: 0, strayAnswers: 0, reopened: 0, droppedTools: [] };
  #gone: WireError | undefined;
  #nextId = 0;

  constructor(parts: {
    link: Link;
    clock: Clock;
    limits: WireLimits;
    incoming: IncomingRequests;
    onNotification: NotificationHandler | undefined;
    onGone: (error: WireError) => void;
  }) {
    this.#link = parts.link;
    this.#clock = parts.clock;
    this.#limits = parts.limits;
    this.#incoming = parts.incoming;
    this.#onNotification = parts.onNotification;
    this.#onGone = parts.onGone;
    parts.link.events = this;
  }

  /**
   * Makes one request.
   *
   * @throws WireError; SessionExpired where the session must be opened again; the reason of the caller's signal.
   */
  async call(request: PreparedRequest, options: RequestOptions & { timeoutMs: number }): Promise<JsonObject> {
    const { signal, timeoutMs, onProgress } = options;
    if (this.#gone !== undefined) throw this.#gone;
    signal?.throwIfAborted();
    const id = ++this.#nextId;
    options.onId?.(id);
    const params = onProgress === undefined ? request.params : withProgressToken(request.params, id);
    const exchange = new Exchange({ ...request, id, params, onProgress });
    // A banner on stdout comes before the first question is asked, and is what keeps it from being answered.
    const handshake = request.method === 'initialize' || request.method === 'server/discover';
    exchange.noiseBefore = handshake ? 0 : this.diagnostics.noise;
    this.#pending.set(id, exchange);
    const abort = () => {
      this.#giveUp(exchange, signal?.reason, 'the caller cancelled');
    };
    if (signal !== undefined) {
      // One signal for many calls is in order: each takes its listener away again.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', abort, { once: true });
    }
    const cancelTimer = afterAtMost(this.#clock, timeoutMs, () => {
      const words = `no answer within ${Math.round(timeoutMs)} ms`;
      this.#giveUp(exchange, this.#timeoutError(exchange, timeoutMs), words);
    });
    this.#link.send(exchange).catch((error: unknown) => {
      exchange.reject(error instanceof SessionExpired ? error : toWireError(error, exchange.method));
    });
    try {
      return await exchange.promise;
    } finally {
      cancelTimer();
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
    }
  }

  message(value: unknown, exchange?: Exchange): void {
    const message = classifyMessage(value);
    switch (message.kind) {
      case 'request':
        void this.#incoming.answer(message.id, message.method, message.params);
        break;
      case 'notification':
        this.#notified(message.method, message.params);
        break;
      case 'invalid':
        if (Array.isArray(value)) for (const each of value as unknown[]) this.message(each, exchange);
        else this.#invalid(message.reason, value, exchange);
        break;
      default: {
        const asked = message.id === null ? this.#onlyPending(exchange) : this.#pending.get(message.id);
        const misplaced = exchange !== undefined && asked !== exchange && !exchange.resumed;
        if (asked === undefined || misplaced) this.#stray(message.id, exchange);
        else if (message.kind === 'result') asked.resolve(message.result);
        else asked.reject(rpcFailure(message.error, asked.method));
      }
    }
  }

  noise(text: string): void {
    this.diagnostics.noise++;
    this.diagnostics.firstNoise ??= plain(text, 200);
    if (this.diagnostics.noise > this.#limits.maxNoise) {
      this.gone(
        new WireError(
          `the server sent ${this.#limits.maxNoise} lines that are no JSON-RPC${this.#noiseWords()}`,
          {
            outcome: 'parse',
          },
        ),
      );
      void this.#link.close();
    }
  }

  gone(error: WireError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    for (const exchange of this.#pending.values()) exchange.abandon(error);
    this.#incoming.end();
    this.#onGone(error);
  }

  #notified(method: string, params: JsonObject): void {
    if (method === 'notifications/progress') {
      const token = params['progressToken'];
      const exchange = isTokenId(token) ? this.#pending.get(token) : undefined;
      if (exchange?.onProgress !== undefined && typeof params['progress'] === 'number') {
        const { progress, total, message } = params;
        exchange.onProgress({
          progress,
          ...(typeof total === 'number' && { total }),
          ...(typeof message === 'string' && { message }),
        });
      }
    } else if (method === 'notifications/cancelled') this.#incoming.cancel(params['requestId'] as RequestId);
    this.#onNotification?.(method, params);
  }

  #invalid(reason: string, value: unknown, exchange: Exchange | undefined): void {
    this.noise(`JSON that is no JSON-RPC (${reason})`);
    // What looks like an answer, but is none, ends the request that it can only be meant for.
    const answered = isJsonObject(value) && ('result' in value || 'error' in value);
    const victim = answered ? this.#onlyPending(exchange) : exchange;
    if (victim === undefined) return;
    const mismatch = classifyResponse(value, victim.id) === 'mismatch';
    victim.reject(
      mismatch
        ? new WireError(`${victim.method} was answered with ${reason}`, { outcome: 'mismatch' })
        : parseFailure(victim.method, `JSON that is no JSON-RPC (${reason})`),
    );
  }

  /** An error without an id can only be meant for a request that it came with, or for the only one there is. */
  #onlyPending(exchange: Exchange | undefined): Exchange | undefined {
    if (exchange !== undefined) return exchange;
    return this.#pending.size === 1 ? this.#pending.values().next().value : undefined;
  }

  #stray(id: RequestId | null, exchange: Exchange | undefined): void {
    // An answer to a request that was given up, or a second one, is late but not wrong.
    const late = typeof id === 'number' && id > 0 && id <= this.#nextId;
    if (late && (exchange === undefined || exchange.settled || exchange.resumed)) return;
    this.diagnostics.strayAnswers++;
    const victim = this.#onlyPending(exchange);
    if (victim === undefined || victim.settled) return;
    const words = `${victim.method} was answered with the id ${plain(JSON.stringify(id), 60)}, not ${String(victim.id)}`;
    victim.reject(new WireError(words, { outcome: 'mismatch' }));
  }

  #giveUp(exchange: Exchange, reason: unknown, words: string): void {
    if (exchange.settled) return;
    exchange.abandon(reason);
    // `initialize` must not be cancelled (2025-11-25, "Cancellation").
    if (this.#link.dropCancels || exchange.method === 'initialize') return;
    const params = { requestId: exchange.id, reason: words };
    this.#link.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch(() => undefined);
  }

  #timeoutError(exchange: Exchange, timeoutMs: number): WireError {
    const garbage = this.diagnostics.noise > exchange.noiseBefore;
    const words = garbage ? this.#noiseWords() : '';
    return new WireError(`no answer to ${exchange.method} within ${Math.round(timeoutMs)} ms${words}`, {
      outcome: garbage ? 'parse' : 'timeout',
      response: this.diagnostics.firstNoise,
    });
  }

  #noiseWords(): string {
    return `; the server sent text where only JSON-RPC belongs: '${this.diagnostics.firstNoise ?? ''}'`;
  }
}

function withProgressToken(params: JsonObject, id: RequestId): JsonObject {
  const meta = params['_meta'];
  return { ...params, _meta: { ...(isJsonObject(meta) && meta), progressToken: id } };
}

function isTokenId(token: unknown): token is RequestId {
  return typeof token === 'number' || typeof token === 'string';
}
