import type { Clock } from '../../core/index.js';

/** Something that is due at a moment. */
export interface Timed {
  /** Called once, at the moment or as soon as possible after it. */
  release(nowMs: number): void;
}

interface Entry {
  at: number;
  order: number;
  timed: Timed;
}

/** Timers tick in milliseconds and may come late by one: from here on we poll, so that bytes leave within microseconds. */
const pollWithinMs = 1.2;

/**
 * Calls back at moments, exact to some microseconds on the machine's clock: it sleeps until shortly before the next one and
 * polls with `setImmediate` from there, so that sockets are still read meanwhile.
 */
export class ReleaseTimer {
  readonly #clock: Clock;
  readonly #polls: boolean;
  readonly #heap: Entry[] = [];
  #order = 0;
  #cancel: (() => void) | undefined;
  #sleepUntil = Infinity;
  #polling = false;

  /** @param polls false for clocks whose timers are exact, such as `FakeClock`. */
  constructor(clock: Clock, polls: boolean) {
    this.#clock = clock;
    this.#polls = polls;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Asks for a call at a moment of the clock; moments of equal time come in the order they were asked for. */
  at(moment: number, timed: Timed): void {
    const heap = this.#heap;
    const entry: Entry = { at: moment, order: this.#order++, timed };
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

  /** Forgets everything. */
  stop(): void {
    this.#heap.length = 0;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#sleepUntil = Infinity;
  }

  #plan(): void {
    const next = this.#heap[0];
    if (next === undefined || this.#polling) return;
    const now = this.#clock.now();
    const wait = next.at - now;
    if (this.#polls && wait <= pollWithinMs) {
      this.#polling = true;
      setImmediate(this.#poll);
      return;
    }
    if (this.#sleepUntil <= next.at && this.#cancel !== undefined) return;
    this.#cancel?.();
    this.#sleepUntil = next.at;
    const sleep = this.#polls ? Math.max(1, Math.floor(wait - pollWithinMs + 0.5)) : Math.max(0, wait);
    this.#cancel = this.#clock.after(sleep, this.#slept);
  }

  readonly #slept = (): void => {
    this.#cancel = undefined;
    this.#sleepUntil = Infinity;
    if (!this.#polls) this.#releaseDue();
    this.#plan();
  };

  readonly #poll = (): void => {
    this.#polling = false;
    this.#releaseDue();
    this.#plan();
  };

  #releaseDue(): void {
    const heap = this.#heap;
    for (let now = this.#clock.now(); heap.length > 0 && heap[0]!.at <= now; now = this.#clock.now()) {
      this.#pop().timed.release(now);
    }
  }

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
