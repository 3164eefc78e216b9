import { MomentHeap } from '../../core/moment-heap.js';

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

/**
 * Calls back at absolute times, exact to well under 0.1 ms where the machine is idle: it sleeps for the bulk of the time
 * and polls with `setImmediate` near it, so that I/O still flows. Equal times keep the order in which they were added.
 */
export class DeadlineQueue {
  readonly #timers: QueueTimers;
  readonly #due = new MomentHeap<() => void>();
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
    return this.#due.size;
  }

  /** Calls back at `at`, or as soon as can be when that has passed; never before it, never synchronously. */
  add(at: number, callback: () => void): void {
    if (this.#due.add(at, callback)) this.#plan();
  }

  #plan(): void {
    const first = this.#due.firstAt;
    if (first === undefined || this.#polling) return;
    const now = this.#timers.now();
    const ms = Math.floor(first - now - spareMs);
    if (ms < 1) {
      this.#polling = true;
      this.#timers.setImmediate(this.#poll);
      return;
    }
    // A timer that fires in time is already set: it plans anew.
    if (this.#wakeAt <= first - spareMs) return;
    const wakeAt = now + ms;
    this.#wakeAt = wakeAt;
    this.#timers.setTimeout(() => {
      if (this.#wakeAt === wakeAt) this.#wakeAt = Infinity;
      this.#plan();
    }, ms);
  }

  readonly #poll = (): void => {
    for (let due = this.#takeDue(); due !== undefined; due = this.#takeDue()) due();
    this.#polling = false;
    this.#plan();
  };

  #takeDue(): (() => void) | undefined {
    return this.#due.takeDue(this.#timers.now());
  }
}
