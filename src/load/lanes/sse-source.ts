import { unreachableError } from '../../core/errors.js';
import { SseParser, type SseEvent } from '../../protocol/framing/index.js';
import { HttpConnection, originOf, type HttpError, type ResponseHead } from '../../protocol/http/index.js';
import type { LoadTarget } from '../load-target.js';
import { outcomeIndex, type ServerMessage } from './answer-checker.js';
import { firstId, lastId } from './call-template.js';
import { HttpRequests } from './http-requests.js';
import { sessionMessages } from './http-session.js';
import type { SourceOptions } from './http-source.js';
import type { LaneSource } from './lane.js';
import { resultOf } from './side-channel.js';
import { SidePoster } from './side-poster.js';
import { SseLane } from './sse-lane.js';

/**
 * One session of legacy HTTP+SSE (2024-11-05): a GET stream on which every answer arrives, and the path that its first
 * event names, to which requests are posted.
 */
export class SseSession {
  readonly #target: Extract<LoadTarget, { kind: 'sse' }>;
  readonly #options: SourceOptions;
  readonly #sse: SseParser;
  readonly #inFlight = new Map<number, SseLane>();
  #stream: HttpConnection | undefined;
  #requests: HttpRequests | undefined;
  #poster: SseLane | undefined;
  #answers: SidePoster | undefined;
  #authorization: string | undefined;
  #nextId = firstId;
  #began = 0;
  #settleOpen: ((error?: string) => void) | undefined;
  /** Why the session is of no more use. */
  ended: string | undefined;

  constructor(target: Extract<LoadTarget, { kind: 'sse' }>, options: SourceOptions) {
    this.#target = target;
    this.#options = options;
    this.#sse = new SseParser({
      onEvent: (event) => {
        this.#event(event);
      },
    });
  }

  /** The requests to the session's own path; only after {@link SseSession.open}. */
  get requests(): HttpRequests {
    return this.#requests!;
  }

  /** Opens the stream and shakes hands. */
  open(): Promise<void> {
    const url = new URL(this.#target.url);
    const { operations, templates } = this.#options;
    const requests = new HttpRequests(this.#target, operations, templates);
    this.#began = performance.now();
    return new Promise((resolve, reject) => {
      const { startTimeoutMs: timeoutMs } = this.#options;
      const timer = setTimeout(() => {
        this.#end(`no answer to the handshake after ${timeoutMs} ms`);
      }, timeoutMs);
      this.#settleOpen = (error) => {
        clearTimeout(timer);
        this.#settleOpen = undefined;
        if (error === undefined) resolve();
        else reject(unreachableError(`Cannot prepare the load on ${this.#target.url}: ${error}`));
      };
      const stream = new HttpConnection(
        originOf(url, this.#target.via),
        {
          onOpen: () => {
            this.#options.events.connected(performance.now() - this.#began);
            stream.send(requests.bodiless('GET', undefined), 'latin1');
          },
          onHead: (head: ResponseHead) => {
            if (!head.eventStream)
              this.#end(`the GET was answered with HTTP ${head.status} and no event stream`);
          },
          onBody: (bytes, start, end) => {
            this.#sse.push(bytes, start, end);
          },
          onEnd: () => {
            this.#end('the server ended the stream');
          },
          onClose: (error: HttpError | undefined) => {
            this.#end(error?.message ?? 'the stream was closed');
          },
        },
        { tls: this.#target.tls },
      );
      this.#stream = stream;
    });
  }

  /** From now on requests carry this Authorization header. */
  authorize(value: string): void {
    this.#authorization = value;
    this.#requests?.authorize(value);
  }

  /** Registers a request of `lane` and gives it its id. */
  register(lane: SseLane): number {
    const id = this.#nextId;
    this.#nextId = id === lastId ? firstId : id + 1;
    this.#inFlight.set(id, lane);
    return id;
  }

  /** The lane no longer waits for an answer. */
  forget(id: number, cancel: boolean): void {
    if (this.#inFlight.delete(id) && cancel) this.#post(sessionMessages.cancelled(id));
  }

  close(): void {
    this.ended ??= 'the load has ended';
    this.#poster?.destroy();
    void this.#answers?.close();
    this.#stream?.destroy();
  }

  #end(why: string): void {
    if (this.ended !== undefined) return;
    this.ended = why;
    this.#settleOpen?.(why);
    const open = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const lane of open) lane.answered(outcomeIndex.transport, why, '');
    this.#stream?.destroy();
  }

  #event({ event, data }: SseEvent): void {
    if (event === 'endpoint') this.#shakeHands(data);
    else if (event === 'message' && data !== '') this.#message(data);
  }

  #shakeHands(endpoint: string): void {
    let url: URL;
    try {
      url = new URL(endpoint, this.#target.url);
    } catch {
      this.#end('the server named an endpoint that is no URL');
      return;
    }
    if (url.origin !== new URL(this.#target.url).origin) {
      this.#end('the server named an endpoint on another origin');
      return;
    }
    const { operations, templates } = this.#options;
    this.#requests = new HttpRequests(this.#target, operations, templates, url.pathname + url.search);
    this.#post(sessionMessages.initialize(this.#target));
  }

  #message(text: string): void {
    const { checker } = this.#options;
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      this.#options.events.stray();
      return;
    }
    const { id, method } = parsed as { id?: unknown; method?: unknown };
    const lane = typeof id === 'number' && method === undefined ? this.#inFlight.get(id) : undefined;
    if (lane !== undefined) {
      this.#inFlight.delete(id as number);
      const outcome =
        checker.checkParsed(parsed, id as number, lane.template.operation) ?? outcomeIndex.parse;
      lane.answered(outcome, outcome === outcomeIndex.ok ? '' : checker.message, text);
    } else if (typeof method === 'string') {
      this.#options.asking.message(parsed as ServerMessage, { scope: this, deliver: this.#deliver });
    } else if (id === 1 && this.#settleOpen !== undefined) {
      const answer = resultOf(text);
      if ('fault' in answer) {
        this.#end(`initialize was answered with ${answer.fault}`);
        return;
      }
      this.#post(sessionMessages.initialized());
      this.#options.events.initialized(performance.now() - this.#began);
      this.#settleOpen();
    } else {
      this.#options.events.stray();
    }
  }

  /** Answers go over connections of their own: one that the server is slow to take holds up no other. */
  readonly #deliver = (body: string): Promise<boolean> => {
    const { requests } = this;
    this.#answers ??= new SidePoster(this.#target);
    if (this.#authorization !== undefined) this.#answers.authorize(this.#authorization);
    return this.#answers.answer({ method: 'POST', path: requests.path, body });
  };

  readonly #queue: string[] = [];

  /** Posts what is no call, one after the other over a connection of its own. */
  #post(body: string): void {
    this.#queue.push(body);
    if (this.#queue.length === 1) this.#postNext();
  }

  #postNext(): void {
    const [body] = this.#queue;
    if (body === undefined || this.ended !== undefined) return;
    this.#poster ??= new SseLane(-1, this, this.#options, this.#target.tls);
    this.#poster.post(body, (error) => {
      this.#queue.shift();
      if (error !== undefined && this.#settleOpen !== undefined) this.#end(error);
      else this.#postNext();
    });
  }
}

/** Lanes over legacy HTTP+SSE: sessions as the plan says, each call posted on a connection of the lane's own. */
export class SseSource implements LaneSource {
  readonly pid = undefined;
  readonly #target: Extract<LoadTarget, { kind: 'sse' }>;
  readonly #options: SourceOptions;
  readonly #sessions: SseSession[] = [];
  readonly #lanes: SseLane[] = [];

  constructor(target: Extract<LoadTarget, { kind: 'sse' }>, options: SourceOptions) {
    this.#target = target;
    this.#options = options;
  }

  async prepare(lanes: number): Promise<void> {
    const sessions = lanes === 0 ? 1 : this.#vuOf(lanes - 1) + 1;
    for (let from = 0; from < sessions; from += 16) {
      const batch = Array.from({ length: Math.min(16, sessions - from) }, (_, i) => this.#session(from + i));
      await Promise.all(batch.map((session) => session.open()));
    }
  }

  lane(index: number): SseLane {
    const session = this.#session(this.#vuOf(index));
    return (this.#lanes[index] ??= new SseLane(index, session, this.#options, this.#target.tls));
  }

  /** Whose session a lane uses: its virtual user's, or the one that all share. */
  #vuOf(lane: number): number {
    const { session, lanesPerVu } = this.#options;
    return session === 'per-vu' ? Math.floor(lane / lanesPerVu) : 0;
  }

  authorize(value: string): void {
    for (const session of this.#sessions) session.authorize(value);
  }

  close(): Promise<undefined> {
    for (const lane of this.#lanes) lane.destroy();
    for (const session of this.#sessions) session.close();
    return Promise.resolve(undefined);
  }

  #session(index: number): SseSession {
    return (this.#sessions[index] ??= new SseSession(this.#target, this.#options));
  }
}
