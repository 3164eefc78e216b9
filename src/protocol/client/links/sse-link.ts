import { messageOf } from '../../../core/errors.js';
import type { Clock } from '../../../core/clock.js';
import type { JsonObject } from '../../../core/json.js';
import type { SseEvent } from '../../framing/sse-parser.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { plain } from '../../message/classify-response.js';
import type { Era, WireLimits } from '../../types.js';
import { WireError } from '../../wire-error.js';
import type { Exchange } from '../exchange.js';
import { statusFailure, toWireError } from '../failures.js';
import type { Link, LinkEvents } from '../link.js';
import { readEvents, type StreamPosition } from './event-stream.js';
import type { HttpRequests } from './http-requests.js';

const postTimeoutMs = 30_000;

/** Legacy HTTP+SSE (2024-11-05): one stream for everything the server says, a path it names for everything else. */
export class SseLink implements Link {
  readonly kind = 'sse';
  readonly sessionId = undefined;
  readonly dropCancels = false;
  events!: LinkEvents;
  readonly #http: HttpRequests;
  readonly #limits: WireLimits;
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #target: string | undefined;
  #version: string | undefined;
  #closed = false;

  constructor(http: HttpRequests, limits: WireLimits, clock: Clock) {
    this.#http = http;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Opens the stream and waits for the path that messages go to. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#target !== undefined) return;
    const abort = () => {
      this.#controller.abort(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      const answer = await this.#http.send({
        method: 'GET',
        headers: { accept: 'text/event-stream' },
        signal: this.#controller.signal,
        lane: 'streams',
        what: 'the event stream',
      });
      if (answer.status !== 200 || !answer.eventStream) {
        const text = await this.#http.excerpt(answer);
        throw answer.status === 200
          ? new WireError('the event stream was answered with no event stream', {
              outcome: 'parse',
              status: 200,
            })
          : statusFailure('the event stream', answer.status, answer.headers.get('retry-after'), text);
      }
      await this.#endpoint(answer);
    } catch (error) {
      signal.throwIfAborted();
      throw toWireError(error, 'the event stream');
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  agree(_era: Era, version: string | undefined): void {
    this.#version = version;
  }

  async send(exchange: Exchange): Promise<void> {
    await this.#send(exchange.message, exchange.method, exchange.signal);
  }

  async post(message: JsonObject): Promise<void> {
    const what = typeof message['method'] === 'string' ? message['method'] : 'the reply to the server';
    const controller = new AbortController();
    const cancel = this.#clock.after(postTimeoutMs, () => {
      controller.abort(new WireError(`no answer within ${postTimeoutMs} ms`, { outcome: 'timeout' }));
    });
    try {
      await this.#send(message, what, controller.signal);
    } finally {
      cancel();
    }
  }

  listen(): Promise<void> {
    // The stream is there from the start.
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#controller.abort(new Error('the connection was closed'));
    await this.#http.close();
  }

  async #send(message: JsonObject, what: string, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.#http.send({
        method: 'POST',
        target: this.#target!,
        headers: {
          'content-type': 'application/json',
          ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
        },
        body: JSON.stringify(message),
        signal,
        lane: 'calls',
        what,
      });
      const text = await this.#http.excerpt(answer);
      if (answer.status < 200 || answer.status >= 300) {
        throw statusFailure(what, answer.status, answer.headers.get('retry-after'), text);
      }
    } catch (error) {
      throw toWireError(error, what);
    }
  }

  /** Resolves with the first `endpoint` event; what follows is read in the background until the stream ends. */
  #endpoint(answer: HttpAnswer): Promise<void> {
    const position: StreamPosition = { lastEventId: undefined, retryMs: undefined };
    return new Promise((resolve, reject) => {
      const onEvent = (event: SseEvent) => {
        if (event.event !== 'endpoint') {
          this.#event(event);
          return;
        }
        const url = URL.canParse(event.data, this.#http.url.href)
          ? new URL(event.data, this.#http.url)
          : undefined;
        if (url?.origin !== this.#http.url.origin) {
          const where = plain(event.data, 200);
          reject(
            new WireError(`the server names an endpoint on another origin: '${where}'`, {
              outcome: 'mismatch',
            }),
          );
          this.#controller.abort(new Error('bad endpoint'));
          return;
        }
        this.#target = `${url.pathname}${url.search}`;
        resolve();
      };
      const options = { maxBytes: this.#limits.maxBodyBytes, position, onEvent };
      readEvents(answer, options).then(
        () => {
          this.#ended('the event stream ended', reject);
        },
        (error: unknown) => {
          answer.cancel();
          this.#ended(`the event stream broke off: ${messageOf(error)}`, reject);
        },
      );
    });
  }

  #event(event: SseEvent): void {
    if (event.data === '' || this.#closed) return;
    let value: unknown;
    try {
      value = JSON.parse(event.data);
    } catch {
      this.events.noise(event.data.slice(0, 1000));
      return;
    }
    this.events.message(value);
  }

  #ended(message: string, reject: (error: Error) => void): void {
    const error = new WireError(message, { outcome: 'transport' });
    reject(error);
    if (this.#closed) return;
    this.#closed = true;
    this.events.gone(error);
  }
}
