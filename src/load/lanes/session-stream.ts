import { SseParser, type SseEvent } from '../../protocol/framing/index.js';
import { HttpConnection, type HttpError, type ResponseHead } from '../../protocol/http/index.js';
import type { TlsOptions } from '../../protocol/http/index.js';
import type { ServerMessage } from './answer-checker.js';
import type { HttpRequests } from './http-requests.js';
import { isJsonObject } from '../../core/json.js';

/** How long opening the stream may keep a session from its first call, ms: some servers send no head before an event. */
const openingMs = 1000;
/** Until a stream that ended is opened again, ms, unless the server says (`retry`); and at least. */
const againMs = 1000;
const againLeastMs = 100;

/** What a session's stream tells. */
export interface SessionStreamEvents {
  message(message: ServerMessage): void;
  opened(): void;
  /** The server has no such stream (405), or does not give it. */
  refused(): void;
  /** Asked where it ended: whether the session is still in use, so that it is to be opened again. */
  wanted(): boolean;
}

/**
 * A session's GET stream (2025-03-26 to 2025-11-25), on which servers send what belongs to no call: held on a connection of
 * its own, and opened again where it ends, until it is closed or refused.
 */
export class SessionStream {
  readonly #requests: HttpRequests;
  readonly #tls: TlsOptions | undefined;
  readonly #sessionId: string;
  readonly #events: SessionStreamEvents;
  readonly #sse: SseParser;
  #connection: HttpConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = againMs;
  #closed = false;
  #ready: (() => void) | undefined;

  constructor(
    where: { requests: HttpRequests; tls: TlsOptions | undefined; sessionId: string },
    events: SessionStreamEvents,
  ) {
    this.#requests = where.requests;
    this.#tls = where.tls;
    this.#sessionId = where.sessionId;
    this.#events = events;
    this.#sse = new SseParser({
      onEvent: (event) => {
        this.#event(event);
      },
    });
  }

  /** Opens it; calls back once it is open, refused, or too slow to wait for. */
  open(ready: () => void): void {
    const timer = setTimeout(() => {
      this.#isReady();
    }, openingMs);
    this.#ready = () => {
      clearTimeout(timer);
      ready();
    };
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#isReady();
  }

  #isReady(): void {
    const ready = this.#ready;
    this.#ready = undefined;
    ready?.();
  }

  #connect(): void {
    this.#sse.reset();
    const connection = new HttpConnection(
      this.#requests.origin,
      {
        onOpen: () => {
          connection.send(this.#requests.bodiless('GET', this.#sessionId), 'latin1');
        },
        onHead: (head) => {
          this.#headed(head);
        },
        onBody: (bytes, start, end) => {
          this.#sse.push(bytes, start, end);
        },
        onEnd: () => {
          this.#ended();
        },
        onClose: (error: HttpError | undefined) => {
          if (error !== undefined) this.#ended();
        },
      },
      { tls: this.#tls },
    );
    this.#connection = connection;
  }

  #headed(head: ResponseHead): void {
    if (head.status === 200 && head.eventStream) this.#events.opened();
    else {
      this.#events.refused();
      this.#closed = true;
      // What is left of the answer is of no interest, and must not be read as events.
      this.#connection?.destroy();
    }
    this.#isReady();
  }

  #ended(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#isReady();
    if (this.#closed || this.#timer !== undefined) return;
    if (!this.#events.wanted()) {
      this.#closed = true;
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#closed) this.#connect();
    }, this.#retryMs);
    this.#timer.unref();
  }

  #event({ data, retry }: SseEvent): void {
    if (retry !== undefined) this.#retryMs = Math.min(60_000, Math.max(againLeastMs, retry));
    if (data === '') return;
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    for (const each of Array.isArray(message) ? (message as unknown[]) : [message]) {
      if (isJsonObject(each) && typeof each['method'] === 'string')
        this.#events.message(each as unknown as ServerMessage);
    }
  }
}
