/**
 * Keeps retries and hedges from making an overload worse: at most a share of the calls in flight may be extra attempts,
 * with a minimum for quiet times (as Envoy's retry budget).
 */
export class RetryBudget {
  readonly #share: number;
  readonly #least: number;
  #calls = 0;
  #extra = 0;

  /**
   * @param share of the calls in flight; 0.2
   * @param least extra attempts in flight that are always allowed; 3
   */
  constructor(share = 0.2, least = 3) {
    this.#share = share;
    this.#least = least;
  }

  /** Calls and extra attempts in flight. */
  get inFlight(): { calls: number; extra: number } {
    return { calls: this.#calls, extra: this.#extra };
  }

  /** A call begins; call the result once when it has ended. */
  call(): () => void {
    this.#calls++;
    return once(() => this.#calls--);
  }

  /** Asks for one extra attempt: what to call when it has ended, or undefined when the budget is spent. */
  extra(): (() => void) | undefined {
    if (this.#extra >= Math.max(this.#least, Math.floor(this.#calls * this.#share))) return undefined;
    this.#extra++;
    return once(() => this.#extra--);
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
