import type { BreakerState } from '../registry/service.js';

/** How a {@link CircuitBreaker} works; times in milliseconds. */
export interface BreakerOptions {
  /** Failures in a row that open it; 5. */
  failures: number;
  /** How long it stays open the first time; doubled each time a trial fails; 10,000. */
  openMs: number;
  /** The longest that it stays open; 60,000. */
  maxOpenMs: number;
}

/** The defaults of {@link BreakerOptions}. */
export const breakerDefaults: BreakerOptions = { failures: 5, openMs: 10_000, maxOpenMs: 60_000 };

/** Stands before one tool on one server: after some failures in a row it lets nothing through for a while, then one trial. */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openedAt: number | undefined;
  #openMs: number;
  #trial = false;

  constructor(options: BreakerOptions = breakerDefaults) {
    this.#options = options;
    this.#openMs = options.openMs;
  }

  state(now: number): BreakerState {
    if (this.#openedAt === undefined) return 'closed';
    return now - this.#openedAt >= this.#openMs ? 'half_open' : 'open';
  }

  /** True when a call may be made now. */
  allows(now: number): boolean {
    const state = this.state(now);
    return state === 'closed' || (state === 'half_open' && !this.#trial);
  }

  /** A call is made. */
  begin(now: number): void {
    if (this.state(now) === 'half_open') this.#trial = true;
  }

  /** A call has ended; `undefined` where it says nothing, such as one that was cancelled. */
  end(ok: boolean | undefined, now: number): void {
    const state = this.state(now);
    if (state === 'half_open') this.#trial = false;
    if (ok === true) {
      this.#failures = 0;
      // A late answer to a call from before says nothing of now.
      if (state !== 'open') {
        this.#openedAt = undefined;
        this.#openMs = this.#options.openMs;
      }
    } else if (ok === false) {
      this.#failures++;
      if (state === 'half_open') {
        this.#openMs = Math.min(this.#openMs * 2, this.#options.maxOpenMs);
        this.#openedAt = now;
      } else if (state === 'closed' && this.#failures >= this.#options.failures) this.#openedAt = now;
    }
  }
}
