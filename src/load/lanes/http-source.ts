import { unreachableError } from '../../core/errors.js';
import type { TlsOptions } from '../../protocol/http/index.js';
import type { OperationPlan, SessionMode } from '../../plan/load-plan.js';
import type { Asking } from '../asking/asking.js';
import type { LoadTarget } from '../load-target.js';
import type { AnswerChecker } from './answer-checker.js';
import { firstId, lastId, type CallTemplate } from './call-template.js';
import { ChurnLane } from './churn-lane.js';
import { HttpLane, type HttpLaneShare } from './http-lane.js';
import { HttpRequests } from './http-requests.js';
import { HttpSession, sessionMessages } from './http-session.js';
import { PerCallLane } from './per-call-lane.js';
import type { LaneOwner, LaneSource } from './lane.js';
import { refusedSentence, type Renew } from './renewal.js';
import { SessionStream } from './session-stream.js';
import { resultOf } from './side-channel.js';
import { SidePoster } from './side-poster.js';

/** What a source of lanes tells the recorder. */
export interface SourceEvents {
  /** ms */
  connected(ms: number): void;
  /** ms */
  initialized(ms: number): void;
  reopened(): void;
  /** A session was ended with DELETE, or the server did not do so. ms */
  sessionClosed(ended: boolean, ms: number): void;
  stray(): void;
  /**
   * Asks for a new token after a 401, and calls back when it is in use or with why there is none. Undefined where the
   * credentials are the user's own and stay what they are.
   */
  renew: Renew | undefined;
  /**
   * The target's process is gone: no further call can succeed. What it wrote to stderr is asked for later, as the last of
   * it may arrive after the end.
   */
  died(why: string, lastWords: () => string): void;
}

/** What a source of lanes is made of. */
export interface SourceOptions {
  operations: readonly OperationPlan[];
  templates: readonly (readonly CallTemplate[])[];
  session: SessionMode;
  /** Calls in each session of `churn`. */
  sessionCalls: number;
  /** Lanes that a virtual user has, neighbours: they share its session where each user has one. */
  lanesPerVu: number;
  /** Calls are due by the clock. */
  openModel: boolean;
  /** For the handshake of each session, ms. */
  startTimeoutMs: number;
  owner: LaneOwner;
  checker: AnswerChecker;
  /** Takes what the server asks. */
  asking: Asking;
  events: SourceEvents;
}

/** How many handshakes are under way at once while the load is prepared. */
const opensAtOnce = 32;

/** So many ended sessions are told of. */
const mostTold = 16;

/** Lanes over streamable HTTP: one connection each, sessions as the plan says. */
export class HttpSource implements LaneSource, HttpLaneShare {
  readonly pid = undefined;
  readonly owner: LaneOwner;
  readonly checker: AnswerChecker;
  readonly requests: HttpRequests;
  readonly tls: TlsOptions | undefined;
  readonly renew: Renew | undefined;
  ended: readonly string[] = [];
  readonly #target: Extract<LoadTarget, { kind: 'http' }>;
  readonly #options: SourceOptions;
  readonly #stateless: boolean;
  readonly #shared: HttpSession;
  readonly #sessions = new Set<HttpSession>();
  readonly #perVu: HttpSession[] = [];
  readonly #lanes: HttpLane[] = [];
  readonly #side: SidePoster;
  /** By session id, where the server may ask on them. */
  readonly #streams = new Map<string, SessionStream>();
  #nextId = firstId;

  constructor(target: Extract<LoadTarget, { kind: 'http' }>, options: SourceOptions) {
    this.#target = target;
    this.#options = options;
    this.owner = options.owner;
    this.checker = options.checker;
    this.tls = target.tls;
    this.renew = options.events.renew;
    this.requests = new HttpRequests(target, options.operations, options.templates);
    this.#stateless = target.era === 'stateless';
    this.#shared = new HttpSession(this.#stateless);
    this.#sessions.add(this.#shared);
    this.#side = new SidePoster(target);
  }

  async prepare(lanes: number): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < lanes) await this.#prepareLane(this.lane(next++));
    };
    // The first one alone: where a session is shared, it opens it, and a target that is not there says so once.
    if (lanes > 0) await this.#prepareLane(this.lane(next++));
    await Promise.all(Array.from({ length: opensAtOnce }, worker));
  }

  lane(index: number): HttpLane {
    return (this.#lanes[index] ??= this.#newLane(index));
  }

  #newLane(index: number): HttpLane {
    const mode = this.#stateless ? 'shared' : this.#options.session;
    if (mode === 'per-call' || mode === 'abandoned') {
      return new PerCallLane(index, this, new HttpSession(false), { abandons: mode === 'abandoned' });
    }
    if (mode === 'churn') return new ChurnLane(index, this, this.#options);
    if (mode === 'shared') return new HttpLane(index, this, this.#shared);
    return new HttpLane(index, this, this.#sessionOf(Math.floor(index / this.#options.lanesPerVu)));
  }

  #sessionOf(vu: number): HttpSession {
    const session = (this.#perVu[vu] ??= new HttpSession(false));
    this.#sessions.add(session);
    return session;
  }

  #prepareLane(lane: HttpLane): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: string) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(unreachableError(`Cannot prepare the load on ${this.#target.url}: ${error}`));
      };
      const timer = setTimeout(() => {
        lane.destroy();
        done(`no answer to the handshake after ${this.#options.startTimeoutMs} ms`);
      }, this.#options.startTimeoutMs);
      const perCall = lane instanceof PerCallLane;
      if (lane.session.state === 'open' || perCall) lane.connect(done);
      else {
        this.open(lane.session, lane, (error) => {
          if (error === undefined) lane.connect(done);
          else done(error);
        });
      }
    });
  }

  authorize(value: string): void {
    this.requests.authorize(value);
    this.#side.authorize(value);
  }

  nextId(): number {
    if (this.#nextId === lastId) this.#nextId = firstId;
    return this.#nextId++;
  }

  open(session: HttpSession, lane: HttpLane, then: (error?: string) => void): void {
    session.whenOpen(then);
    if (session.state === 'opening') return;
    session.state = 'opening';
    this.#initialize(session, lane, performance.now(), this.renew);
  }

  /** @param renew what to do about a refused token; a second refusal stands. */
  #initialize(session: HttpSession, lane: HttpLane, began: number, renew: Renew | undefined): void {
    lane.exchange(this.requests.post(undefined, sessionMessages.initialize(this.#target)), (answer) => {
      if (answer.status === 401 && renew !== undefined) {
        renew(answer.head?.headers.get('www-authenticate'), (error) => {
          if (error === undefined) this.#initialize(session, lane, began, undefined);
          else session.failed(refusedSentence(error));
        });
        return;
      }
      const result = resultOf(answer.text);
      const fault =
        answer.error ??
        (answer.status === 200 ? undefined : `initialize was answered with HTTP ${answer.status}`);
      if (fault !== undefined || 'fault' in result) {
        session.failed(fault ?? ('fault' in result ? `initialize was answered with ${result.fault}` : ''));
        return;
      }
      const id = answer.head?.headers.get('mcp-session-id');
      lane.exchange(this.requests.post(id, sessionMessages.initialized()), (announced) => {
        if (announced.error !== undefined) {
          session.failed(announced.error);
          return;
        }
        this.#options.events.initialized(performance.now() - began);
        // A session for one call would pay for a stream as much as for all the rest.
        const brief = lane instanceof PerCallLane;
        if (id === undefined || brief || !this.#options.asking.scripted) session.opened(id);
        else this.#listen(session, id, lane);
      });
    });
  }

  /** Opens the stream on which the server may ask, then the session: a request before it would find nobody. */
  #listen(session: HttpSession, id: string, lane: HttpLane): void {
    const { asking } = this.#options;
    const stream = new SessionStream(
      { requests: this.requests, tls: this.tls, sessionId: id },
      {
        message: (message) => {
          asking.message(message, { scope: stream, deliver: (answer) => this.#answer(id, answer) });
        },
        opened: () => {
          asking.recorder.stream('opened');
        },
        refused: () => {
          asking.recorder.stream('refused');
          this.#streams.delete(id);
        },
        wanted: () => {
          const used = session.id === id && lane.session === session;
          if (!used) this.#streams.delete(id);
          return used;
        },
      },
    );
    this.#streams.set(id, stream);
    stream.open(() => {
      session.opened(id);
    });
  }

  serverMessage(lane: HttpLane): void {
    const message = this.checker.serverMessage;
    if (message === undefined) return;
    const { session } = lane;
    const deliver = (answer: string) => this.#answer(session.id, answer);
    this.#options.asking.message(message, { scope: session, lane, deliver });
  }

  #answer(sessionId: string | undefined, body: string): Promise<boolean> {
    return this.#side.answer({ method: 'POST', path: this.requests.path, sessionId, body });
  }

  cancelled(session: HttpSession, id: number): void {
    // In the stateless era the dropped connection is the cancellation.
    if (this.#stateless) return;
    const { path } = this.requests;
    void this.#side.courtesy({
      method: 'POST',
      path,
      sessionId: session.id,
      body: sessionMessages.cancelled(id),
    });
  }

  connected(ms: number): void {
    this.#options.events.connected(ms);
  }

  reopened(): void {
    this.#options.events.reopened();
  }

  sessionClosed({ id = '' }: HttpSession, ended: boolean, ms: number): void {
    this.#streams.get(id)?.close();
    this.#streams.delete(id);
    this.#options.events.sessionClosed(ended, ms);
  }

  async close(): Promise<undefined> {
    for (const lane of this.#lanes) lane.destroy();
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
    const open = [...this.#sessions].map((session) => session.id).filter((id) => id !== undefined);
    await Promise.all(open.map((id) => this.endSession(id)));
    this.ended = open.slice(0, mostTold);
    await this.#side.close();
  }

  abandoned(session: HttpSession): void {
    this.#sessions.add(session);
  }

  /** Ends a session with DELETE; a server may refuse (405) or be gone. */
  async endSession(id: string): Promise<void> {
    this.#streams.get(id)?.close();
    this.#streams.delete(id);
    await this.#side.courtesy({ method: 'DELETE', path: this.requests.path, sessionId: id });
  }
}
