import type { ToolUsage } from './types.js';

/** How one call went. */
export interface CallObservation {
  /** Whether the tool did its work: neither an error on the way nor `isError`. */
  ok: boolean;
  /** How long it took, in milliseconds. */
  latencyMs: number;
}

/** The weight of the latest call in the mean latency. */
const share = 0.2;

/** Counts calls, successes and latency of one tool in constant space. */
export class UsageCounter {
  #calls = 0;
  #failures = 0;
  #latencyMs: number | undefined;
  #lastCallAt: number | undefined;

  /** Counts a call. A latency that is no number of milliseconds is left out of the mean. */
  observe({ ok, latencyMs }: CallObservation, wall: number): void {
    this.#calls++;
    if (!ok) this.#failures++;
    this.#lastCallAt = wall;
    if (!Number.isFinite(latencyMs) || latencyMs < 0) return;
    this.#latencyMs =
      this.#latencyMs === undefined ? latencyMs : this.#latencyMs + share * (latencyMs - this.#latencyMs);
  }

  snapshot(): ToolUsage {
    return {
      calls: this.#calls,
      failures: this.#failures,
      successRate: (this.#calls - this.#failures + 1) / (this.#calls + 2),
      latencyMs: this.#latencyMs,
      lastCallAt: this.#lastCallAt,
    };
  }
}
