import type { Clock } from '../../core/index.js';
import { MomentHeap } from '../../core/moment-heap.js';

/** Something that is due at a moment. */
export interface Timed {
  /** Called once, at the moment or as soon as possible after it. */
  release(nowMs: number): void;
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
  readonly #due = new MomentHeap<Timed>();
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
    if (this.#due.add(moment, timed)) this.#plan();
  }

  /** Forgets everything. */
  stop(): void {
    this.#due.clear();
    this.#cancel?.();
    this.#cancel = undefined;
    this.#sleepUntil = Infinity;
  }

  #plan(): void {
    const next = this.#due.firstAt;
    if (next === undefined || this.#polling) return;
    const now = this.#clock.now();
    const wait = next - now;
    if (this.#polls && wait <= pollWithinMs) {
      this.#polling = true;
      setImmediate(this.#poll);
      return;
    }
    if (this.#sleepUntil <= next && this.#cancel !== undefined) return;
    this.#cancel?.();
    this.#sleepUntil = next;
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
    for (;;) {
      const now = this.#clock.now();
      const timed = this.#due.takeDue(now);
      if (timed === undefined) return;
      timed.release(now);
    }
  }
}
