import type { ServiceRecord } from './service.js';

/** One change of the registry, as {@link ServiceRegistry.watch} gives it. */
export type ServiceEvent =
  | { readonly kind: 'added'; readonly revision: number; readonly service: ServiceRecord }
  | {
      readonly kind: 'updated';
      readonly revision: number;
      readonly service: ServiceRecord;
      readonly previous: ServiceRecord;
    }
  | { readonly kind: 'removed'; readonly revision: number; readonly service: ServiceRecord }
  | {
      /** Forget what you know: this is everything. Comes first, and whenever changes were missed. */
      readonly kind: 'resync';
      readonly revision: number;
      readonly services: readonly ServiceRecord[];
    };

/** An event that is a change of one service. */
export type ServiceChange = Exclude<ServiceEvent, { kind: 'resync' }>;

/** The latest changes, as many as fit, so that a watcher can go on where it stopped. */
export class EventLog {
  readonly #capacity: number;
  #events: ServiceChange[] = [];
  /** Changes up to this revision are not in the log (any more). */
  #floor: number;

  constructor(capacity: number, floor: number) {
    this.#capacity = capacity;
    this.#floor = floor;
  }

  add(event: ServiceChange): void {
    this.#events.push(event);
    // Cut in large pieces: an array loses its head in time that grows with what is left.
    if (this.#events.length < 2 * this.#capacity) return;
    const dropped = this.#events.length - this.#capacity;
    this.#floor = this.#events[dropped - 1]!.revision;
    this.#events = this.#events.slice(dropped);
  }

  /** Empties the log; what happened up to `floor` can no longer be told. */
  reset(floor: number): void {
    this.#events = [];
    this.#floor = floor;
  }

  /** The changes after a revision, or undefined when some of them are gone. */
  since(revision: number): readonly ServiceChange[] | undefined {
    if (revision < this.#floor) return undefined;
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }
}
