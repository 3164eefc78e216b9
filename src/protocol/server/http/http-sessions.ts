import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.js';
import type { JsonObject } from '../../../core/json.js';
import { sessionVersions, unknownClient } from '../client-facts.js';
import type { McpServer } from '../mcp-server.js';
import { Peer } from '../peer.js';
import { EventLog, SseStream, type OnSending } from './sse-stream.js';

/** One session of streamable HTTP. @internal */
export class HttpSession {
  readonly id = randomUUID();
  readonly peer: Peer;
  readonly log: EventLog | undefined;
  /** What belongs to no call: the GET stream. */
  readonly stream: SseStream;
  lastUsed = 0;

  constructor(server: McpServer, eventStore: number, retryMs: number | undefined, onSending?: OnSending) {
    this.log = eventStore > 0 ? new EventLog(eventStore, retryMs) : undefined;
    this.stream = new SseStream(this.log, onSending);
    const push = (message: JsonObject) => {
      this.stream.send(message);
    };
    this.peer = new Peer(server, unknownClient(sessionVersions.at(-1)!), { sessionId: this.id, push });
  }

  get inUse(): boolean {
    return this.peer.busy || this.stream.connected;
  }

  end(reason: string): void {
    this.peer.end(reason);
    this.stream.end();
  }
}

/** The sessions of a handler: at most so many, and gone when unused for long. @internal */
export class HttpSessions {
  readonly #sessions = new Map<string, HttpSession>();
  readonly #limit: number;
  readonly #idleMs: number;
  readonly #clock: Clock;
  readonly #onChange: ((change: 'opened' | 'ended', id: string) => void) | undefined;
  #cancelSweep: (() => void) | undefined;

  constructor(
    limit: number,
    idleMs: number,
    clock: Clock,
    onChange?: (change: 'opened' | 'ended', id: string) => void,
  ) {
    this.#limit = limit;
    this.#idleMs = idleMs;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Adds a session; false where there are too many already. */
  add(session: HttpSession): boolean {
    if (this.#sessions.size >= this.#limit) this.#sweep();
    if (this.#sessions.size >= this.#limit) return false;
    session.lastUsed = this.#clock.now();
    this.#sessions.set(session.id, session);
    this.#onChange?.('opened', session.id);
    this.#plan();
    return true;
  }

  /** The session of an id, from now on just used; undefined where it is unknown or expired. */
  use(id: string): HttpSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    const now = this.#clock.now();
    if (this.#expired(session, now)) {
      this.#remove(session, 'the session expired');
      return undefined;
    }
    session.lastUsed = now;
    return session;
  }

  end(session: HttpSession): void {
    this.#remove(session, 'the session was ended');
  }

  close(): void {
    this.#cancelSweep?.();
    for (const session of [...this.#sessions.values()]) this.#remove(session, 'the server is closing');
  }

  #plan(): void {
    if (this.#idleMs <= 0 || this.#cancelSweep !== undefined) return;
    this.#cancelSweep = this.#clock.after(this.#idleMs / 2, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
      if (this.#sessions.size > 0) this.#plan();
    });
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const session of [...this.#sessions.values()]) {
      if (this.#expired(session, now)) this.#remove(session, 'the session expired');
    }
  }

  #expired(session: HttpSession, now: number): boolean {
    return this.#idleMs > 0 && now - session.lastUsed > this.#idleMs && !session.inUse;
  }

  #remove(session: HttpSession, reason: string): void {
    this.#sessions.delete(session.id);
    session.end(reason);
    this.#onChange?.('ended', session.id);
  }
}
