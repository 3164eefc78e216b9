import type { Clock } from '../../core/index.js';

/** Calls back for each id a fixed time after it was added, unless it was taken out before. One timer for all. */
export class ForgetQueue {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #forget: (id: string) => void;
  /** In the order of their time, since the delay is the same for all. */
  readonly #dueAt = new Map<string, number>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, delayMs: number, forget: (id: string) => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#forget = forget;
  }

  add(id: string): void {
    if (this.#dueAt.has(id)) return;
    this.#dueAt.set(id, this.#clock.now() + this.#delayMs);
    if (this.#cancel === undefined) this.#plan();
  }

  remove(id: string): void {
    this.#dueAt.delete(id);
  }

  close(): void {
    this.#dueAt.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #plan(): void {
    const next = this.#dueAt.values().next();
    if (next.done === true || next.value === Infinity) return;
    this.#cancel = this.#clock.after(Math.max(0, next.value - this.#clock.now()), () => {
      this.#cancel = undefined;
      const now = this.#clock.now();
      for (const [id, due] of this.#dueAt) {
        if (due > now) break;
        this.#dueAt.delete(id);
        this.#forget(id);
      }
      this.#plan();
    });
  }
}
