import { HttpConnection, type ConnectionEvents, type HttpError } from '../../protocol/http/index.js';
import type { ResponseHead, TlsOptions } from '../../protocol/http/index.js';
import { outcomeIndex } from './answer-checker.js';
import { refusedCredentials, refusedSentence, type Renew } from './renewal.js';
import type { SourceOptions } from './http-source.js';
import { Lane, type OutcomeIndex } from './lane.js';
import type { SseSession } from './sse-source.js';

/**
 * A call over legacy HTTP+SSE: posted here, answered on the session's stream. The lane is free again when both the
 * answer and the (empty) response to the POST have come; the call ends with the answer.
 */
export class SseLane extends Lane implements ConnectionEvents {
  readonly #session: SseSession;
  readonly #options: SourceOptions;
  readonly #tls: TlsOptions | undefined;
  #connection: HttpConnection | undefined;
  #connectStart = 0;
  #pending: { text: string; encoding: 'latin1' | 'utf8' } | undefined;
  #id = 0;
  #status = 0;
  #challenge: string | undefined;
  #posted = false;
  #renewed = false;
  #outcome: OutcomeIndex | undefined;
  #plain: ((error?: string) => void) | undefined;

  constructor(index: number, session: SseSession, options: SourceOptions, tls: TlsOptions | undefined) {
    super(index);
    this.#session = session;
    this.#options = options;
    this.#tls = tls;
  }

  override get requestId(): number {
    return this.#id;
  }

  override send(): void {
    this.#renewed = false;
    this.#call();
  }

  #call(): void {
    this.#posted = false;
    this.#outcome = undefined;
    this.response = '';
    const why = this.#session.ended;
    if (why !== undefined) {
      // Never settled within send(): a load that goes on at once would call itself.
      setImmediate(() => {
        this.#fail(outcomeIndex.connect, why);
      });
      return;
    }
    this.#id = this.#session.register(this);
    const { requests } = this.#session;
    const head = requests.sessionHead(undefined) + requests.callHead(this.template);
    this.#write(head + this.#id + this.template.suffix, this.template.encoding);
  }

  /** Posts a message that is no call. */
  post(body: string, then: (error?: string) => void): void {
    this.#plain = then;
    this.#write(this.#session.requests.post(undefined, body), 'utf8');
  }

  /** The answer has come on the stream, or never will. */
  answered(outcome: OutcomeIndex, message: string, text: string): void {
    const now = performance.now();
    this.firstByteMs = now;
    this.endMs = now;
    this.#outcome = outcome;
    this.message = message;
    if (outcome !== outcomeIndex.ok) this.response = text;
    if (this.#posted || outcome === outcomeIndex.transport) this.#settle();
  }

  override expire(): void {
    this.#session.forget(this.#id, true);
    this.#drop();
    this.#fail(outcomeIndex.timeout, `no answer after ${Math.round(this.deadlineMs - this.sentMs)} ms`);
  }

  override destroy(): void {
    this.#plain = undefined;
    this.#drop();
  }

  #write(text: string, encoding: 'latin1' | 'utf8'): void {
    if (this.#connection?.state === 'open') {
      this.#connection.send(text, encoding);
      return;
    }
    this.#pending = { text, encoding };
    if (this.#connection !== undefined) return;
    this.#connectStart = performance.now();
    this.#connection = new HttpConnection(this.#session.requests.origin, this, { tls: this.#tls });
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#pending = undefined;
    connection?.destroy();
  }

  onOpen(): void {
    this.#options.events.connected(performance.now() - this.#connectStart);
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#connection!.send(pending.text, pending.encoding);
  }

  onHead(head: ResponseHead): void {
    this.#status = head.status;
    this.#challenge = head.status === 401 ? head.headers.get('www-authenticate') : undefined;
  }

  onBody(): void {
    // "Accepted" or nothing: the answer comes on the stream.
  }

  onEnd(reusable: boolean): void {
    if (!reusable) this.#drop();
    const ok = this.#status >= 200 && this.#status < 300;
    const plain = this.#plain;
    if (plain !== undefined) {
      this.#plain = undefined;
      plain(ok ? undefined : `the server answered HTTP ${this.#status}`);
      return;
    }
    this.#posted = true;
    if (this.#outcome !== undefined) this.#settle();
    else if (!ok) {
      this.#session.forget(this.#id, false);
      const { renew } = this.#options.events;
      if (this.#status === 401 && !this.#renewed && renew !== undefined) {
        this.#renew(renew);
        return;
      }
      const throttled = this.#status === 429 || this.#status === 503;
      this.#fail(throttled ? outcomeIndex.throttled : outcomeIndex.http, this.#refusal());
    }
  }

  /** Sends the call once more with a new token; the waiting is part of its time. */
  #renew(renew: Renew): void {
    this.#renewed = true;
    const { sentMs } = this;
    renew(this.#challenge, (error) => {
      if (!this.busy || this.sentMs !== sentMs) return;
      if (error === undefined) this.#call();
      else this.#fail(outcomeIndex.http, refusedSentence(error));
    });
  }

  #refusal(): string {
    if (this.#status !== 401) return `HTTP ${this.#status}`;
    return `HTTP 401: ${this.#renewed ? 'a new token was refused as well' : refusedCredentials}`;
  }

  onClose(error: HttpError | undefined): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    this.#pending = undefined;
    if (error === undefined) return;
    const plain = this.#plain;
    this.#plain = undefined;
    plain?.(error.message);
    if (plain !== undefined || !this.busy || this.#posted) return;
    this.#session.forget(this.#id, false);
    this.#fail(outcomeIndex[error.outcome], error.message);
  }

  #fail(outcome: OutcomeIndex, message: string): void {
    this.endMs = performance.now();
    this.message = message;
    this.#outcome = outcome;
    this.#settle();
  }

  #settle(): void {
    const outcome = this.#outcome!;
    this.#outcome = undefined;
    if (this.busy) this.#options.owner.settled(this, outcome);
  }
}
