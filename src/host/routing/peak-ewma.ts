/**
 * A latency that rises at once and falls slowly (peak exponentially weighted moving average, from Twitter's Finagle): a
 * slower answer than expected counts in full, a faster one by the time that has passed. While nothing is observed it
 * decays, so that a replica that was slow is tried again some day.
 */
export class PeakEwma {
  readonly #decayMs: number;
  #cost = 0;
  #at: number;
  #samples = 0;

  /** @param decayMs after this long without a sample, 1/e of the value is left */
  constructor(decayMs: number, now: number) {
    this.#decayMs = decayMs;
    this.#at = now;
  }

  /** How many latencies were observed. */
  get samples(): number {
    return this.#samples;
  }

  /** Takes in a latency in milliseconds. */
  observe(latencyMs: number, now: number): void {
    this.#samples++;
    const left = Math.exp(-Math.max(0, now - this.#at) / this.#decayMs);
    this.#cost = latencyMs > this.#cost ? latencyMs : this.#cost * left + latencyMs * (1 - left);
    this.#at = now;
  }

  /** The latency to expect now, in milliseconds; 0 when nothing was observed. */
  value(now: number): number {
    return this.#cost * Math.exp(-Math.max(0, now - this.#at) / this.#decayMs);
  }
}
