import type { SseEvent } from '../../protocol/framing/index.js';
import { HttpPool, type HttpOrigin, type TlsOptions } from '../../protocol/http/index.js';
import type { LoadTarget } from '../load-target.js';
import { answerRequest } from './answer-request.js';
import { dropPattern, type Drop } from './drop-pattern.js';
import { FineWall } from '../../core/fine-wall.js';
import { HeldStream, type StreamHost } from './held-stream.js';
import { StreamEvents } from './stream-events.js';
import type { DropKind, StreamReport } from './stream-report.js';
import { StreamRequests } from './stream-requests.js';
import { StreamTimes } from './stream-times.js';
import { Tally } from './tally.js';

/** What streams are held of. */
export interface StreamHolderOptions {
  target: Extract<LoadTarget, { kind: 'http' }>;
  /** Subscribed to on each stream. */
  resources: readonly string[];
  /** From the connection to the open stream, ms. */
  openTimeoutMs: number;
  /** Why this process can hold no more; asked now and then with the number of streams held. */
  roomLeft?: (held: number) => string | undefined;
}

/** Streams that are being opened at once. */
const opensAtOnce = 32;
/** After so many refusals in a row it is a limit, and no accident. */
const refusalsInRow = 12;
const pauseAfterRefusalMs = 50;
const sweepMs = 250;
/** How often the wall clock is looked at. */
const alignMs = 10_000;
const lookForRoomEvery = 64;
/** For answers to the server's requests and for DELETE. */
const sideConnections = 8;
/** How long sessions may take to be ended, all of them, ms; and after how many without an answer none is tried any more. */
const endingMs = 15_000;
const failuresInRow = 3;

/** Opens event streams, holds them, and notes what comes on them. Everything runs on the thread that made it. */
export class StreamHolder implements StreamHost {
  readonly origin: HttpOrigin;
  readonly tls: TlsOptions | undefined;
  readonly requests: StreamRequests;
  readonly resources: readonly string[];
  readonly stateless: boolean;
  readonly openTimeoutMs: number;
  readonly #options: StreamHolderOptions;
  readonly #wall = new FineWall();
  readonly #events = new StreamEvents(this.#wall);
  readonly #streams: HeldStream[] = [];
  readonly #opening = new Set<HeldStream>();
  readonly #openTimes = new StreamTimes();
  readonly #refusals = new Tally();
  readonly #unsubscribed = new Tally();
  readonly #dropTallies: Record<DropKind, Tally> = {
    ended: new Tally(),
    cut: new Tally(),
    parse: new Tally(),
  };
  readonly #drops: Drop[] = [];
  readonly #side: HttpPool;
  readonly #timer: NodeJS.Timeout;
  #pause: NodeJS.Timeout | undefined;
  #alignedMs: number;
  #wanted = 0;
  #nextIndex = 0;
  #held = 0;
  #heldMost = 0;
  #refusedInRow = 0;
  #limit: string | undefined;
  #notOffered: string | undefined;
  #raised: (() => void)[] = [];
  #closed = false;

  constructor(options: StreamHolderOptions) {
    const { target, resources, openTimeoutMs } = options;
    this.#options = options;
    this.requests = new StreamRequests(target, resources);
    this.origin = this.requests.http.origin;
    this.tls = target.tls;
    this.resources = resources;
    this.stateless = target.era === 'stateless';
    this.openTimeoutMs = openTimeoutMs;
    this.#side = new HttpPool({
      origin: target.url,
      maxConnections: sideConnections,
      ...(target.tls === undefined ? {} : { tls: target.tls }),
      ...(target.via === undefined ? {} : { via: target.via }),
    });
    this.#alignedMs = this.now();
    this.#timer = setInterval(() => {
      this.#sweep();
    }, sweepMs);
  }

  now(): number {
    return performance.now();
  }

  /** Opens streams until so many were opened in all; resolves when they are, or no more can be. Dropped ones are not replaced. */
  raise(wanted: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, wanted);
    return new Promise((resolve) => {
      this.#raised.push(resolve);
      this.#pump();
    });
  }

  /** Begins no further stream; those held stay. */
  stopRaising(why: string): void {
    this.#limit ??= why;
    for (const stream of [...this.#opening]) stream.giveUp(why);
    this.#pump();
  }

  opened(stream: HeldStream): void {
    this.#opening.delete(stream);
    this.#openTimes.record(stream.openedMs - stream.sentMs);
    this.#streams.push(stream);
    this.#held++;
    this.#heldMost = Math.max(this.#heldMost, this.#held);
    this.#refusedInRow = 0;
    this.#pump();
  }

  refused(stream: HeldStream, why: string, status?: number): void {
    this.#opening.delete(stream);
    this.#refusals.add(why);
    if (stream.sessionId !== undefined) void this.#send('DELETE', stream.sessionId);
    this.#refusedInRow++;
    const never = status === 404 || status === 405 || status === 501 || why.includes('JSON-RPC error -32601');
    if (never && this.#streams.length === 0) this.#notOffered ??= why;
    if (this.#notOffered !== undefined || this.#refusedInRow >= refusalsInRow)
      this.#limit ??= `refused: ${why}`;
    if (this.#limit === undefined) {
      this.#pause ??= setTimeout(() => {
        this.#pause = undefined;
        this.#pump();
      }, pauseAfterRefusalMs);
    } else this.#pump();
  }

  unsubscribed(why: string): void {
    this.#unsubscribed.add(why);
  }

  event(stream: HeldStream, event: SseEvent): void {
    const read = this.#events.take(stream, event, this.now());
    if (read?.kind === 'acknowledged' && stream.state === 'opening') stream.confirm();
    else if (read?.kind === 'answer' && stream.state === 'opening') {
      stream.giveUp(read.error ?? 'subscriptions/listen was answered without a subscription');
    } else if (read?.kind === 'event' && read.id !== undefined) {
      void this.#send('POST', stream.sessionId, answerRequest(read.id, read.method));
    }
  }

  dropped(stream: HeldStream, kind: DropKind, why: string): void {
    const now = this.now();
    this.#held--;
    this.#dropTallies[kind].add(why);
    this.#drops.push({
      atMs: now,
      lifeMs: now - stream.openedMs,
      eventlessMs: now - stream.lastEventMs,
      silentMs: now - stream.lastByteMs,
    });
  }

  /** Everything so far. */
  report(): Omit<StreamReport, 'loopLagP99Ms'> {
    const events = this.#streams.map((stream) => stream.events);
    const pattern = dropPattern(this.#drops);
    const open = this.#openTimes.delta();
    const firstEvent = this.#events.firstEvent.delta();
    const latency = this.#events.latency.delta();
    const spread = this.#events.spread.delta();
    return {
      wanted: this.#wanted,
      opened: this.#streams.length,
      held: this.#held,
      heldMost: this.#heldMost,
      refused: this.#refusals.total,
      refusals: this.#refusals.told(),
      dropped: this.#drops.length,
      drops: (['ended', 'cut', 'parse'] as const).flatMap((kind) =>
        this.#dropTallies[kind].told().map((told) => ({ kind, ...told })),
      ),
      ...(pattern === undefined ? {} : { pattern }),
      ...(this.#limit === undefined ? {} : { limit: this.#limit }),
      ...(this.#notOffered === undefined ? {} : { notOffered: this.#notOffered }),
      ...this.#events.counts,
      leastEvents: events.reduce((least, count) => Math.min(least, count), events[0] ?? 0),
      mostEvents: events.reduce((most, count) => Math.max(most, count), 0),
      unsubscribed: this.#unsubscribed.told(),
      ...(open === undefined ? {} : { open }),
      ...(firstEvent === undefined ? {} : { firstEvent }),
      ...(latency === undefined ? {} : { latency }),
      ...(spread === undefined ? {} : { spread }),
    };
  }

  /** Closes all streams and ends their sessions; the report of what was until then. */
  async close(): Promise<Omit<StreamReport, 'loopLagP99Ms'>> {
    this.#events.sweep(this.now(), true);
    const report = this.report();
    this.#closed = true;
    this.#limit ??= 'closed';
    clearInterval(this.#timer);
    clearTimeout(this.#pause);
    const all = [...this.#opening, ...this.#streams];
    this.#opening.clear();
    for (const stream of all) stream.destroy();
    this.#settle();
    await this.#endSessions(all.flatMap(({ sessionId }) => sessionId ?? []));
    await this.#side.close();
    return report;
  }

  #pump(): void {
    while (
      !this.#closed &&
      this.#limit === undefined &&
      this.#pause === undefined &&
      this.#opening.size < opensAtOnce &&
      this.#streams.length + this.#opening.size < this.#wanted
    ) {
      const begun = this.#streams.length + this.#opening.size;
      // The first one alone: a target without streams is asked once.
      if (this.#streams.length === 0 && this.#opening.size > 0) break;
      if (begun % lookForRoomEvery === 0) this.#limit = this.#options.roomLeft?.(begun);
      if (this.#limit !== undefined) break;
      const stream = new HeldStream(this.#nextIndex++, this);
      this.#opening.add(stream);
      stream.start();
    }
    const over = this.#limit !== undefined || this.#streams.length >= this.#wanted;
    if (over && this.#opening.size === 0) this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#raised.splice(0)) resolve();
  }

  #sweep(): void {
    const now = this.now();
    for (const stream of [...this.#opening]) {
      if (now - stream.beganMs > this.openTimeoutMs) {
        stream.giveUp(`no stream within ${this.openTimeoutMs} ms`);
      }
    }
    this.#events.sweep(now);
    if (now - this.#alignedMs > alignMs) {
      this.#alignedMs = now;
      this.#wall.align();
    }
  }

  /** Ends sessions with DELETE, as far as the server plays along: it may be gone. */
  async #endSessions(ids: string[]): Promise<void> {
    const until = this.now() + endingMs;
    let failed = 0;
    const worker = async () => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        if (failed >= failuresInRow || this.now() > until) return;
        failed = (await this.#send('DELETE', id)) ? 0 : failed + 1;
      }
    };
    await Promise.all(Array.from({ length: sideConnections }, worker));
  }

  /** Courtesies: a server that is gone or slow must not hold anything up. Whether there was an answer. */
  async #send(method: string, session: string | undefined, body?: string): Promise<boolean> {
    const { target } = this.#options;
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': target.protocolVersion,
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
      ...target.headers,
    };
    try {
      const { path } = this.requests.http;
      const answer = await this.#side.request({
        method,
        path,
        headers,
        timeoutMs: 2000,
        ...(body === undefined ? {} : { body }),
      });
      await answer.text();
      return true;
    } catch {
      return false;
    }
  }
}
