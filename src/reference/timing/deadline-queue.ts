/** What a {@link DeadlineQueue} waits with; tests hand in their own. */
export interface QueueTimers {
  /** Monotonic time in milliseconds, with fractions. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  setImmediate(callback: () => void): unknown;
}

const nodeTimers: QueueTimers = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  setImmediate: (callback) => setImmediate(callback),
};

/**
 * Node's timers tick in whole milliseconds: one of n ms fires n − 1 to n + 0.1 ms later. So a deadline is slept towards
 * in whole milliseconds with this to spare, and what is then nearer than a millisecond more is polled for.
 */
const spareMs = 0.3;

interface Entry {
  at: number;
  order: number;
  callback: () => void;
}

/**
 * Calls back at absolute times, exact to well under 0.1 ms where the machine is idle: it sleeps for the bulk of the time
 * and polls with `setImmediate` near it, so that I/O still flows. Equal times keep the order in which they were added.
 */
export class DeadlineQueue {
  readonly #timers: QueueTimers;
  readonly #heap: Entry[] = [];
  #order = 0;
  #polling = false;
  /** When the timer that is set will fire, Infinity for none. */
  #wakeAt = Infinity;

  constructor(timers: QueueTimers = nodeTimers) {
    this.#timers = timers;
  }

  now(): number {
    return this.#timers.now();
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Calls back at `at`, or as soon as can be when that has passed; never before it, never synchronously. */
  add(at: number, callback: () => void): void {
    const entry = { at, order: this.#order++, callback };
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
    if (index === 0) this.#plan();
  }

  #plan(): void {
    const first = this.#heap[0];
    if (first === undefined || this.#polling) return;
    const now = this.#timers.now();
    const ms = Math.floor(first.at - now - spareMs);
    if (ms < 1) {
      this.#polling = true;
      this.#timers.setImmediate(this.#poll);
      return;
    }
    // A timer that fires in time is already set: it plans anew.
    if (this.#wakeAt <= first.at - spareMs) return;
    const wakeAt = now + ms;
    this.#wakeAt = wakeAt;
    this.#timers.setTimeout(() => {
      if (this.#wakeAt === wakeAt) this.#wakeAt = Infinity;
      this.#plan();
    }, ms);
  }

  readonly #poll = (): void => {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0]!.at <= this.#timers.now()) this.#pop().callback();
    this.#polling = false;
    this.#plan();
  };

  #pop(): Entry {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
