const size = 128;
/** Fewer samples say nothing of a p95. */
const least = 20;

/** The last 128 latencies of a tool, for the 95th percentile that hedging waits for. */
export class LatencyWindow {
  readonly #values = new Float64Array(size);
  #count = 0;
  #p95: number | undefined;
  #p95At = 0;

  observe(latencyMs: number): void {
    this.#values[this.#count++ % size] = latencyMs;
  }

  /** In milliseconds; undefined below 20 samples. Worked out anew every 16 samples. */
  get p95(): number | undefined {
    if (this.#count < least) return undefined;
    if (this.#p95 === undefined || this.#count - this.#p95At >= 16) {
      const filled = Math.min(this.#count, size);
      const sorted = this.#values.slice(0, filled).sort();
      this.#p95 = sorted[Math.ceil(filled * 0.95) - 1]!;
      this.#p95At = this.#count;
    }
    return this.#p95;
  }
}
