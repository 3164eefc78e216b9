import type { Clock } from '../../core/index.js';
import type { Cut, CutKind } from '../conditions/conditions.js';

/** Begins and ends cuts at their times; where cuts overlap, the network is back when the last one is over. */
export class CutSchedule {
  readonly #clock: Clock;
  readonly #on: { begin: (kind: CutKind) => void; end: () => void };
  readonly #startMs: number;
  #planned = new Set<() => void>();
  #cancelEnd: (() => void) | undefined;
  #untilMs = 0;

  constructor(clock: Clock, on: { begin: (kind: CutKind) => void; end: () => void }) {
    this.#clock = clock;
    this.#on = on;
    this.#startMs = clock.now();
  }

  /** Takes the place of what was planned before; a cut under way comes to its end. */
  plan(cuts: readonly Cut[]): void {
    for (const cancel of this.#planned) cancel();
    this.#planned = new Set();
    for (const cut of cuts) this.#schedule(cut, this.#startMs + cut.atMs);
  }

  /** A cut from now on. */
  now(forMs: number, kind: CutKind): void {
    const until = this.#clock.now() + forMs;
    const begins = this.#cancelEnd === undefined;
    this.#untilMs = begins ? until : Math.max(until, this.#untilMs);
    this.#cancelEnd?.();
    if (begins) this.#on.begin(kind);
    this.#cancelEnd = this.#clock.after(this.#untilMs - this.#clock.now(), () => {
      this.#cancelEnd = undefined;
      this.#on.end();
    });
  }

  /** Forgets everything; a cut under way does not end. */
  stop(): void {
    this.plan([]);
    this.#cancelEnd?.();
    this.#cancelEnd = undefined;
  }

  #schedule(cut: Cut, first: number): void {
    let at = first;
    const now = this.#clock.now();
    if (at < now && cut.everyMs > 0) at += Math.ceil((now - at) / cut.everyMs) * cut.everyMs;
    if (at < now) return;
    const cancel = this.#clock.after(at - now, () => {
      this.#planned.delete(cancel);
      this.now(cut.forMs, cut.kind);
      if (cut.everyMs > 0) this.#schedule(cut, at + cut.everyMs);
    });
    this.#planned.add(cancel);
  }
}
