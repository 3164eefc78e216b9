/**
 * The wall clock in fractions of a millisecond: `Date.now()` cuts them off, and `performance.timeOrigin` does not follow
 * when the clock is set. Found by waiting for the tick of `Date.now()`, three times at most a millisecond.
 */
export class FineWall {
  readonly #wall: () => number;
  readonly #now: () => number;
  #offset = 0;

  constructor(wall: () => number = Date.now, now: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#now = now;
    this.align();
  }

  /** Looks at the wall clock again. */
  align(): void {
    let best = -Infinity;
    for (let i = 0; i < 3; i++) {
      const before = this.#wall();
      let after = before;
      while (after === before) after = this.#wall();
      // Whoever interrupts us here makes the offset smaller, never larger.
      best = Math.max(best, after - this.#now());
    }
    this.#offset = best;
  }

  /** ms since 1970 at a moment of the monotonic clock. */
  at(nowMs: number): number {
    return nowMs + this.#offset;
  }
}
