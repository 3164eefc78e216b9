/**
 * So many latencies are taken for what they are in the middle, not for their peak: the first calls to a server pay for its
 * connection and for code that is not warm yet.
 */
const warmUp = 5;

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
  #first: number[] | undefined = [];

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
    if (this.#first !== undefined) {
      this.#first.push(latencyMs);
      this.#first.sort((a, b) => a - b);
      this.#cost = this.#first[(this.#first.length - 1) >> 1]!;
      this.#at = now;
      if (this.#first.length === warmUp) this.#first = undefined;
      return;
    }
    const left = Math.exp(-Math.max(0, now - this.#at) / this.#decayMs);
    this.#cost = latencyMs > this.#cost ? latencyMs : this.#cost * left + latencyMs * (1 - left);
    this.#at = now;
  }

  /** The latency to expect now, in milliseconds; 0 when nothing was observed. */
  value(now: number): number {
    return this.#cost * Math.exp(-Math.max(0, now - this.#at) / this.#decayMs);
  }
}
