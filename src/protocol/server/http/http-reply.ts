import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../../core/json.js';
import type { Answer } from '../answer.js';
import type { CallSink, ServerCall } from '../call.js';
import type { AnswerMode } from '../server-types.js';
import { playFault } from './play-fault.js';
import type { StreamKeeper } from './stream-keeper.js';
import { beginStream, eventText, SseStream, type EventLog } from './sse-stream.js';

/** What replies of one handler share. @internal */
export interface ReplyHost {
  /** Streams that want a comment now and then. */
  readonly open: Set<SseStream>;
  /** Replies that wait for a handler. */
  readonly waiting: Set<HttpReply>;
  readonly keeper: StreamKeeper;
}

/** Answers with one JSON document. @internal */
export function sendJson(
  response: ServerResponse,
  status: number,
  message: JsonObject | JsonObject[],
  headers: readonly string[] = [],
): void {
  const body = JSON.stringify(message);
  response.writeHead(status, [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    ...headers,
  ]);
  response.end(body);
}

/** The same without a length, in two chunks. */
function sendChunked(response: ServerResponse, message: JsonObject, headers: readonly string[]): void {
  const body = Buffer.from(JSON.stringify(message));
  const half = body.length >> 1;
  response.writeHead(200, ['Content-Type', 'application/json', ...headers]);
  response.write(body.subarray(0, half));
  response.end(body.subarray(half));
}

/** The reply to one POSTed request: JSON, or an event stream as soon as there is more to say than the answer. @internal */
export class HttpReply implements CallSink {
  readonly #response: ServerResponse;
  readonly #mode: AnswerMode;
  readonly #host: ReplyHost;
  readonly #log: EventLog | undefined;
  readonly #primed: boolean;
  readonly #cancelOnDrop: boolean;
  #stream: SseStream | undefined;
  #held = false;
  #call: ServerCall | undefined;

  /**
   * @param options.log makes a stream resumable.
   * @param options.primed begins a resumable stream with a priming event (from 2025-11-25).
   * @param options.cancelOnDrop a dropped connection cancels the call (stateless era).
   */
  constructor(
    response: ServerResponse,
    mode: AnswerMode,
    host: ReplyHost,
    options: { log: EventLog | undefined; primed: boolean; cancelOnDrop: boolean },
  ) {
    this.#response = response;
    this.#mode = mode;
    this.#host = host;
    this.#log = options.log;
    this.#primed = options.primed;
    this.#cancelOnDrop = options.cancelOnDrop;
  }

  /** Answers nothing but a subscription: its stream is one that the client holds. */
  held(): this {
    this.#held = true;
    return this;
  }

  send(message: JsonObject): boolean {
    if (this.#mode === 'json' && this.#call?.method !== 'subscriptions/listen') {
      // A subscription is nothing but its stream, so that is served even where answers are JSON.
      if (message['method'] !== 'notifications/subscriptions/acknowledged') return false;
    }
    this.#openStream().send(message);
    return true;
  }

  closeStream(): void {
    if (this.#log === undefined || this.#mode === 'json') return;
    this.#openStream().closeConnection();
  }

  begun(call: ServerCall): void {
    this.#call = call;
    this.#host.waiting.add(this);
    if (this.#mode === 'sse') this.#openStream();
    this.#response.once('close', () => {
      if (this.#cancelOnDrop && !this.#response.writableFinished)
        call.abort('the client dropped the connection');
    });
  }

  /** The server is closing: what lasts ends with its result, the rest without one. */
  stop(): void {
    if (this.#call?.method === 'subscriptions/listen') this.#call.endGracefully('the server is closing');
    else this.#call?.abort('the server is closing');
  }

  /** Sends the answer, and with it ends the reply; without one (cancelled) it just ends. */
  finish(answer: Answer | undefined, headers: readonly string[] = []): void {
    this.#host.waiting.delete(this);
    const stream = this.#stream;
    if (answer?.fault !== undefined) {
      if (stream !== undefined) this.#host.open.delete(stream);
      playFault(this.#response, answer, answer.fault, stream !== undefined || this.#isSse);
    } else if (stream !== undefined) {
      this.#host.open.delete(stream);
      if (answer !== undefined) stream.send(answer.message);
      stream.end();
    } else if (answer === undefined) {
      this.#response.writeHead(204).end();
    } else if (this.#isSse && answer.status === 200) {
      if (this.#log === undefined) {
        this.#response.writeHead(200, [
          'Content-Type',
          'text/event-stream',
          'Cache-Control',
          'no-cache',
          ...headers,
        ]);
        this.#response.end(eventText(answer.message));
      } else {
        const opened = this.#openStream(headers);
        this.#host.open.delete(opened);
        opened.send(answer.message);
        opened.end();
      }
    } else if (this.#mode === 'chunked' && answer.status === 200) {
      sendChunked(this.#response, answer.message, headers);
    } else {
      sendJson(this.#response, answer.status, answer.message, headers);
    }
  }

  get #isSse(): boolean {
    return this.#mode === 'sse' || this.#mode === 'late-sse';
  }

  #openStream(headers: readonly string[] = []): SseStream {
    if (this.#stream !== undefined) return this.#stream;
    const { keeper } = this.#host;
    const stream = new SseStream(this.#log, keeper.sending);
    this.#stream = stream;
    this.#host.open.add(stream);
    if (!this.#response.destroyed) {
      beginStream(this.#response, headers);
      stream.attach(this.#response);
      if (this.#held) {
        keeper.add(this.#response, () => {
          this.#call?.endGracefully('the stream has lasted long enough');
        });
      }
    }
    if (this.#primed) stream.prime();
    return stream;
  }
}
