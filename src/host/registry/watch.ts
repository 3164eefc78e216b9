import type { ServiceChange, ServiceEvent } from './event.js';
import { answers, type CheckedQuery } from './query.js';
import type { ServiceRecord } from './service.js';

/** What a watch needs of its registry. */
export interface WatchSource {
  snapshot(query: CheckedQuery): { revision: number; services: readonly ServiceRecord[] };
  left(watch: ServiceWatch): void;
}

/**
 * The changes of a registry, for `for await`. Changes wait here until they are taken; when more than a bound wait, they
 * are dropped and one `resync` with the present state takes their place, so a slow reader costs bounded memory and
 * still ends with the truth.
 */
export class ServiceWatch implements AsyncIterableIterator<ServiceEvent> {
  readonly #source: WatchSource;
  readonly #query: CheckedQuery;
  readonly #bound: number;
  readonly #ended: () => void;
  #waiting: ServiceEvent[] = [];
  #needsResync = false;
  #sleepers: (() => void)[] = [];
  #closed = false;
  #revision: number;

  /** Made by {@link ServiceRegistry.watch}. */
  constructor(source: WatchSource, query: CheckedQuery, bound: number, revision: number, ended: () => void) {
    this.#source = source;
    this.#query = query;
    this.#bound = bound;
    this.#revision = revision;
    this.#ended = ended;
  }

  /** The revision of the last event that was taken: what to give as `from` to go on later. */
  get revision(): number {
    return this.#revision;
  }

  /** Takes note of a change; the registry calls it. */
  offer(change: ServiceChange): void {
    if (this.#closed || this.#needsResync) return;
    const event = this.#seen(change);
    if (event === undefined) return;
    if (this.#waiting.length >= this.#bound) {
      this.resync();
      return;
    }
    this.#waiting.push(event);
    this.#wake();
  }

  /** Drops what waits: the next event is a `resync` with the state of the moment at which it is taken. */
  resync(): void {
    this.#waiting = [];
    this.#needsResync = true;
    this.#wake();
  }

  async next(): Promise<IteratorResult<ServiceEvent, undefined>> {
    for (;;) {
      if (this.#closed) return { done: true, value: undefined };
      const event = this.#take();
      if (event !== undefined) {
        this.#revision = event.revision;
        return { done: false, value: event };
      }
      await new Promise<void>((resolve) => this.#sleepers.push(resolve));
    }
  }

  return(): Promise<IteratorResult<ServiceEvent, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the watch; a waiting `next()` ends too. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    this.#source.left(this);
    this.#ended();
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wake(): void {
    const sleepers = this.#sleepers;
    this.#sleepers = [];
    for (const wake of sleepers) wake();
  }

  #take(): ServiceEvent | undefined {
    if (this.#needsResync) {
      this.#needsResync = false;
      return { kind: 'resync', ...this.#source.snapshot(this.#query) };
    }
    return this.#waiting.shift();
  }

  /** The change as this watch's query sees it: a service that begins to answer it is added, one that ends is removed. */
  #seen(change: ServiceChange): ServiceEvent | undefined {
    const { revision, service } = change;
    const is = change.kind !== 'removed' && answers(service, this.#query);
    if (change.kind === 'added') return is ? change : undefined;
    const was = answers(change.kind === 'updated' ? change.previous : service, this.#query);
    if (was && is) return change;
    if (is) return { kind: 'added', revision, service };
    if (was) return { kind: 'removed', revision, service };
    return undefined;
  }
}
