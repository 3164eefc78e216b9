import { ByteStore, SseParser, type SseEvent } from '../../protocol/framing/index.js';
import {
  HttpConnection,
  type ConnectionEvents,
  type HttpError,
  type ResponseHead,
  type TlsOptions,
} from '../../protocol/http/index.js';
import { classifyHttpAnswer, describeResponse } from '../../protocol/message/classify-response.js';
import { outcomeIndex, type AnswerChecker } from './answer-checker.js';
import type { HttpRequests } from './http-requests.js';
import type { HttpSession } from './http-session.js';
import { refusedCredentials, refusedSentence, type Renew } from './renewal.js';
import { Lane, type LaneOwner, type OutcomeIndex } from './lane.js';

/** What all HTTP lanes of a thread share. */
export interface HttpLaneShare {
  readonly owner: LaneOwner;
  readonly checker: AnswerChecker;
  readonly requests: HttpRequests;
  readonly tls: TlsOptions | undefined;
  /** Gets a new token after a 401; undefined where there is none to get. */
  readonly renew: Renew | undefined;
  /** The id of the next request. */
  nextId(): number;
  /** Opens the session over `lane` where it is closed; calls back when it is open or cannot be. */
  open(session: HttpSession, lane: HttpLane, then: (error?: string) => void): void;
  /** A request or notification of the server that came in the stream of a lane's call. */
  serverMessage(lane: HttpLane): void;
  /** The client has given up on a request. */
  cancelled(session: HttpSession, id: number): void;
  /** A call was given up that had a session of its own: it is to be ended with the others. */
  abandoned(session: HttpSession): void;
  /** ms */
  connected(ms: number): void;
  reopened(): void;
  /** A session was ended with DELETE, or the server did not do so. ms */
  sessionClosed(session: HttpSession, ended: boolean, ms: number): void;
}

/** What came back for one exchange that is no call: the handshake and its like. */
export interface PlainAnswer {
  status: number;
  head: ResponseHead | undefined;
  /** The JSON of the body, or of the first event of a stream that carries an answer. */
  text: string;
  error: string | undefined;
}

/** How long a stream may stay open after the answer has come, ms. */
const lingerMs = 1000;

/** A call over one HTTP/1.1 connection, kept open from call to call. */
export class HttpLane extends Lane implements ConnectionEvents {
  session: HttpSession;
  readonly #share: HttpLaneShare;
  readonly #body = new ByteStore();
  readonly #sse: SseParser;
  #connection: HttpConnection | undefined;
  #connectStart = 0;
  #pending: { text: string; encoding: 'latin1' | 'utf8' } | undefined;
  /** The bytes of the call that is about to be sent. */
  #prepared: string | undefined;
  #id = 0;
  #head: ResponseHead | undefined;
  #text: string | undefined;
  /** The outcome, once the answer has come in a stream that is still open. */
  #early: OutcomeIndex | undefined;
  #retried = false;
  #renewed = false;
  /** Set while an exchange that is no call is under way. */
  #plain: ((answer: PlainAnswer) => void) | undefined;

  constructor(index: number, share: HttpLaneShare, session: HttpSession) {
    super(index);
    this.#share = share;
    this.session = session;
    this.#sse = new SseParser({
      onEvent: (event) => {
        this.#event(event);
      },
    });
  }

  override get requestId(): number {
    return this.#id;
  }

  override prepare(): void {
    if (this.session.state === 'open') this.#prepared = this.#bytes();
  }

  override send(): void {
    this.#retried = false;
    this.#renewed = false;
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (this.session.state === 'open') this.#call(prepared);
    else this.#openFirst();
  }

  /** Connects ahead of the first call; calls back when up or refused. */
  connect(then: (error?: string) => void): void {
    if (this.#connection?.state === 'open') {
      then();
      return;
    }
    this.#onConnected = then;
    if (this.#connection === undefined) this.#open();
  }

  #onConnected: ((error?: string) => void) | undefined;

  /** Sends a request that is no call over this lane's connection. */
  exchange(text: string, then: (answer: PlainAnswer) => void): void {
    this.#plain = then;
    // What was made ready belongs to the session as it was.
    this.#prepared = undefined;
    this.#write(text, 'utf8');
  }

  override expire(): void {
    if (this.#early !== undefined) {
      this.#drop();
      this.#settle(this.#early);
      return;
    }
    const waited = Math.round(this.deadlineMs - this.sentMs);
    const connecting = this.#connection?.state === 'connecting';
    if (this.#id !== 0 && !connecting) this.#share.cancelled(this.session, this.#id);
    this.#drop();
    const plain = this.#plain;
    this.#plain = undefined;
    this.message = connecting ? `no connection after ${waited} ms` : `no answer after ${waited} ms`;
    this.#settle(outcomeIndex.timeout);
    plain?.({ status: 0, head: undefined, text: '', error: 'timeout' });
  }

  override destroy(): void {
    this.#plain = undefined;
    this.#onConnected = undefined;
    this.#drop();
  }

  #openFirst(): void {
    this.#id = 0;
    this.#share.open(this.session, this, (error) => {
      if (!this.busy) return;
      if (error === undefined) this.#call();
      else {
        this.endMs = performance.now();
        this.message = error;
        this.#settle(outcomeIndex.connect);
      }
    });
  }

  #call(prepared?: string): void {
    this.#write(prepared ?? this.#bytes(), this.template.encoding);
  }

  #bytes(): string {
    const { template } = this;
    const head = this.#share.requests.callHead(template);
    this.#id = this.#share.nextId();
    const text = this.#sessionHead() + head + this.#id + template.suffix;
    // Asking for a character makes one flat string of the four, which the write would do else.
    text.charCodeAt(0);
    return text;
  }

  #headFor: string | undefined | null = null;
  #headVersion = 0;
  #headText = '';

  #sessionHead(): string {
    const { requests } = this.#share;
    if (this.#headFor !== this.session.id || this.#headVersion !== requests.version) {
      this.#headFor = this.session.id;
      this.#headVersion = requests.version;
      this.#headText = requests.sessionHead(this.session.id);
    }
    return this.#headText;
  }

  #write(text: string, encoding: 'latin1' | 'utf8'): void {
    this.#head = undefined;
    this.#text = undefined;
    this.#early = undefined;
    this.firstByteMs = 0;
    if (this.#connection?.state === 'open') {
      this.#connection.send(text, encoding);
      return;
    }
    this.#pending = { text, encoding };
    if (this.#connection === undefined) this.#open();
  }

  #open(): void {
    this.#connectStart = performance.now();
    this.#connection = new HttpConnection(this.#share.requests.origin, this, { tls: this.#share.tls });
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#pending = undefined;
    this.#body.clear();
    connection?.destroy();
  }

  onOpen(): void {
    this.#share.connected(performance.now() - this.#connectStart);
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#connection!.send(pending.text, pending.encoding);
    const then = this.#onConnected;
    this.#onConnected = undefined;
    then?.();
  }

  onHead(head: ResponseHead): void {
    this.firstByteMs = this.#connection!.readMs;
    this.#head = head;
    if (head.eventStream) this.#sse.reset();
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (this.#head!.eventStream) this.#sse.push(bytes, start, end);
    else if (end - start === this.#head!.contentLength) this.#text = bytes.toString('utf8', start, end);
    else this.#body.append(bytes, start, end);
  }

  onEnd(reusable: boolean): void {
    if (this.#early === undefined) this.endMs = this.#connection!.readMs;
    if (this.#body.length > 0) {
      this.#text = this.#body.bytes.toString('utf8', 0, this.#body.length);
      this.#body.clear();
    }
    if (!reusable) this.#drop();
    if (this.#plain !== undefined) this.#plainDone(undefined);
    else if (this.#early !== undefined) this.#settle(this.#early);
    else this.#judge();
  }

  onClose(error: HttpError | undefined): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    this.#body.clear();
    const then = this.#onConnected;
    this.#onConnected = undefined;
    const waiting = this.#pending !== undefined;
    this.#pending = undefined;
    then?.(error?.message ?? 'the connection was closed');
    if (error === undefined && !waiting) return;
    this.endMs = performance.now();
    if (this.#plain !== undefined) this.#plainDone(error?.message ?? 'the connection was closed');
    else if (!this.busy) return;
    else if (this.#early !== undefined) this.#settle(this.#early);
    else {
      this.message = error?.message ?? 'the connection was closed';
      this.response = this.#text ?? '';
      this.#settle(outcomeIndex[error?.outcome ?? 'transport']);
    }
  }

  #event(event: SseEvent): void {
    if (event.data === '') return;
    if (this.#plain !== undefined) {
      if (this.#text === undefined && /"(result|error)"/.test(event.data)) {
        this.#text = event.data;
        setTimeout(this.#lingered, lingerMs).unref();
      }
      return;
    }
    const outcome = this.#share.checker.check(event.data, this.#id, this.template.operation);
    if (outcome === undefined) this.#share.serverMessage(this);
    else if (this.#early === undefined) {
      this.endMs = this.#connection!.readMs;
      this.#early = outcome;
      this.message = this.#share.checker.message;
      this.response = event.data;
      this.deadlineMs = Math.min(this.deadlineMs, this.endMs + lingerMs);
    }
  }

  /** A stream that stays open after the answer to a handshake: the answer counts, the connection goes. */
  readonly #lingered = (): void => {
    if (this.#plain === undefined || this.#text === undefined) return;
    this.#drop();
    this.#plainDone(undefined);
  };

  #plainDone(error: string | undefined): void {
    const then = this.#plain!;
    this.#plain = undefined;
    then({ status: this.#head?.status ?? 0, head: this.#head, text: this.#text ?? '', error });
  }

  #judge(): void {
    const head = this.#head!;
    const text = this.#text ?? '';
    const { checker } = this.#share;
    if (head.status === 200 && !head.eventStream) {
      const outcome = checker.check(text, this.#id, this.template.operation);
      if (outcome !== undefined) {
        this.message = checker.message;
        this.response = text;
        this.#settle(outcome);
        return;
      }
      this.message = 'the answer is a request of the server';
      this.#settle(outcomeIndex.mismatch);
      return;
    }
    this.response = text;
    if (head.status === 200) {
      this.message = 'the stream ended without an answer';
      this.#settle(outcomeIndex.transport);
    } else if (this.#expiredSession(head.status, text) && !this.#retried) {
      this.#retried = true;
      this.session.expired(this.session.id);
      this.#share.reopened();
      if (this.session.state === 'open') this.#call();
      else this.#openFirst();
    } else if (head.status === 401 && !this.#renewed && this.#share.renew !== undefined) {
      this.#renewed = true;
      this.#renew(this.#share.renew, head.headers.get('www-authenticate'));
    } else {
      this.#settle(this.#status(head, text));
    }
  }

  /** Sends the call once more with a new token; the waiting is part of its time. */
  #renew(renew: Renew, challenge: string | undefined): void {
    // Nothing of this call is under way while the token is: there is nothing to cancel.
    this.#id = 0;
    if (this.#headVersion !== this.#share.requests.version) {
      this.#call();
      return;
    }
    const { sentMs } = this;
    renew(challenge, (error) => {
      if (!this.busy || this.sentMs !== sentMs) return;
      if (error === undefined) {
        this.#call();
        return;
      }
      this.endMs = performance.now();
      this.message = refusedSentence(error);
      this.#settle(outcomeIndex.http);
    });
  }

  /** 404 says it; `server-everything` says 400 and why. */
  #expiredSession(status: number, text: string): boolean {
    if (this.session.id === undefined) return false;
    return status === 404 || (status === 400 && /session/i.test(text));
  }

  #status(head: ResponseHead, text: string): OutcomeIndex {
    const { status } = head;
    if (status === 202) {
      this.message = 'HTTP 202 where an answer was expected';
      return outcomeIndex.http;
    }
    const message = parsedObject(text);
    const outcome = classifyHttpAnswer(status, head.headers.has('retry-after'), message, this.#id);
    const said = message === undefined ? '' : `: ${describeResponse(message, this.#id)}`;
    const advice =
      status !== 401 ? '' : `: ${this.#renewed ? 'a new token was refused as well' : refusedCredentials}`;
    this.message = `HTTP ${status}${said}${advice}`;
    return outcome === 'ok' ? outcomeIndex.http : outcomeIndex[outcome];
  }

  #settle(outcome: OutcomeIndex): void {
    if (!this.busy) return;
    this.#early = undefined;
    this.#share.owner.settled(this, outcome);
  }
}

function parsedObject(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
