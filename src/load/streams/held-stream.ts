import { SseParser, type SseEvent } from '../../protocol/framing/index.js';
import {
  HttpConnection,
  type ConnectionEvents,
  type HttpError,
  type HttpOrigin,
  type ResponseHead,
  type TlsOptions,
} from '../../protocol/http/index.js';
import { HandshakeAnswer } from './handshake-answer.js';
import type { DropKind } from './stream-report.js';
import type { StreamRequests } from './stream-requests.js';

/** Larger events are an error: with thousands of streams they would fill the memory. */
const mostEventBytes = 4 * 1024 * 1024;

/** What all streams share, and who hears of them. */
export interface StreamHost {
  readonly origin: HttpOrigin;
  readonly tls: TlsOptions | undefined;
  readonly requests: StreamRequests;
  readonly resources: readonly string[];
  /** Era of the stateless kind: the stream's first message says that it is open. */
  readonly stateless: boolean;
  readonly openTimeoutMs: number;
  now(): number;
  opened(stream: HeldStream): void;
  /** `status` is that of the answer in place of a stream. */
  refused(stream: HeldStream, why: string, status?: number): void;
  unsubscribed(why: string): void;
  event(stream: HeldStream, event: SseEvent): void;
  dropped(stream: HeldStream, kind: DropKind, why: string): void;
}

/**
 * One event stream, in the session era with a session of its own: the handshake, the subscriptions and the stream go over
 * one connection. Of thousands at once each must be small: no timer, no buffer, no list belongs to one of them.
 */
export class HeldStream implements ConnectionEvents {
  readonly index: number;
  state: 'opening' | 'open' | 'over' = 'opening';
  sessionId: string | undefined;
  /** ms of the thread's monotonic clock, as all times here. */
  beganMs = 0;
  sentMs = 0;
  openedMs = 0;
  lastEventMs = 0;
  lastByteMs = 0;
  events = 0;
  lastSequence: number | undefined = undefined;
  lastId: string | undefined = undefined;
  readonly #host: StreamHost;
  #connection: HttpConnection | undefined;
  #step: 'initialize' | 'initialized' | 'subscribe' | 'stream';
  #subscribed = 0;
  #answer: HandshakeAnswer | undefined;
  #sse: SseParser | undefined;

  constructor(index: number, host: StreamHost) {
    this.index = index;
    this.#host = host;
    this.#step = host.stateless ? 'stream' : 'initialize';
  }

  start(): void {
    this.beganMs = this.#host.now();
    this.#connect();
  }

  /** The first message of a stream of the stateless era has come: from now on it is held. */
  confirm(): void {
    this.state = 'open';
    this.openedMs = this.lastEventMs = this.lastByteMs = this.#host.now();
    this.#host.opened(this);
  }

  /** It took too long to open. */
  giveUp(why: string): void {
    this.#refused(why);
  }

  destroy(): void {
    this.state = 'over';
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  onOpen(): void {
    this.#send();
  }

  onHead(head: ResponseHead): void {
    if (this.#step !== 'stream' || head.status !== 200 || !head.eventStream) {
      this.#answer = new HandshakeAnswer(head);
      return;
    }
    this.#sse = new SseParser({
      onEvent: (event) => {
        if (this.state !== 'over') this.#host.event(this, event);
      },
      maxBytes: mostEventBytes,
    });
    if (!this.#host.stateless) this.confirm();
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (this.#sse === undefined) this.#answer?.push(bytes, start, end);
    else {
      this.lastByteMs = this.#host.now();
      this.#sse.push(bytes, start, end);
    }
  }

  onEnd(reusable: boolean): void {
    if (this.#sse !== undefined) {
      this.#ended('ended', 'the server ended it');
      return;
    }
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer === undefined || !this.#took(answer)) return;
    if (reusable) {
      this.#send();
      return;
    }
    const old = this.#connection;
    this.#connection = undefined;
    old?.destroy();
    this.#connect();
  }

  onClose(error: HttpError | undefined): void {
    // Without a connection it is the old one that goes, before the next.
    if (this.state === 'over' || this.#connection === undefined) return;
    const why = error?.message ?? 'the connection was closed';
    if (this.#sse === undefined) {
      this.#refused(why);
      return;
    }
    this.#ended(error?.outcome === 'parse' ? 'parse' : 'cut', why);
  }

  #connect(): void {
    const { origin, tls, openTimeoutMs } = this.#host;
    this.#connection = new HttpConnection(origin, this, { tls, connectTimeoutMs: openTimeoutMs });
  }

  #send(): void {
    this.sentMs = this.#host.now();
    this.#connection?.send(this.#request());
  }

  #request(): string {
    const { requests, resources } = this.#host;
    switch (this.#step) {
      case 'initialize':
        return requests.initialize();
      case 'initialized':
        return requests.initialized(this.sessionId);
      case 'subscribe':
        return requests.subscribe(this.sessionId, resources[this.#subscribed]!);
      case 'stream':
        return requests.stream(this.sessionId);
    }
  }

  /** Goes a step further; false where the answer was none to go on from. */
  #took(answer: HandshakeAnswer): boolean {
    const more = () => (this.#subscribed < this.#host.resources.length ? 'subscribe' : 'stream');
    switch (this.#step) {
      case 'initialize': {
        const { fault } = answer;
        if (fault !== undefined) return this.#refused(`initialize was answered with ${fault}`);
        this.sessionId = ownCopy(answer.head.headers.get('mcp-session-id'));
        this.#step = 'initialized';
        return true;
      }
      case 'initialized':
        if (answer.refusal !== undefined)
          return this.#refused(`notifications/initialized was answered with ${answer.refusal}`);
        this.#step = more();
        return true;
      case 'subscribe':
        if (answer.fault !== undefined)
          this.#host.unsubscribed(`resources/subscribe was answered with ${answer.fault}`);
        this.#subscribed++;
        this.#step = more();
        return true;
      case 'stream': {
        const { status } = answer.head;
        return this.#refused(answer.fault ?? 'an answer in place of a stream', status);
      }
    }
  }

  #refused(why: string, status?: number): false {
    if (this.state !== 'over') {
      this.destroy();
      this.#host.refused(this, why, status);
    }
    return false;
  }

  #ended(kind: DropKind, why: string): void {
    const was = this.state;
    if (was === 'over') return;
    this.destroy();
    if (was === 'open') this.#host.dropped(this, kind, why);
    else this.#host.refused(this, `${why} before its first message`);
  }
}

/** A piece of a text keeps the whole text alive. */
function ownCopy(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('latin1');
}
