/** A histogram as the truth servers publish it. Times in milliseconds. */
export interface PublishedHistogram {
  count: number;
  sumMs: number;
  minMs: number;
  maxMs: number;
  /** The middle of the bin that holds the nearest rank. */
  p50Ms: number;
  p90Ms: number;
  p95Ms: number;
  p99Ms: number;
  binMs: number;
  /** [index, count]: index i holds what took from i · binMs up to (i + 1) · binMs; the last also what took longer. */
  bins: [number, number][];
}

const binMs = 0.1;
const binsPerMs = 10;
const lastBin = 100_000;

/** Counts durations in bins of 0.1 ms up to 10 s. */
export class FineHistogram {
  /** Grows as needed, so that fast servers stay small. */
  #bins = new Uint32Array(1024);
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  record(ms: number): void {
    const bin = Math.min(lastBin, Math.floor(ms * binsPerMs));
    if (bin >= this.#bins.length) {
      const grown = new Uint32Array(Math.min(lastBin + 1, Math.max(bin + 1, this.#bins.length * 2)));
      grown.set(this.#bins);
      this.#bins = grown;
    }
    this.#bins[bin]!++;
    this.#count++;
    this.#sum += ms;
    if (ms < this.#min) this.#min = ms;
    if (ms > this.#max) this.#max = ms;
  }

  get count(): number {
    return this.#count;
  }

  /** The middle of the bin that holds the nearest rank; 0 for an empty histogram. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (let i = 0; i < this.#bins.length; i++) {
      seen += this.#bins[i]!;
      if (seen >= rank) return (i + 0.5) / binsPerMs;
    }
    return 0;
  }

  publish(): PublishedHistogram {
    const bins: [number, number][] = [];
    this.#bins.forEach((count, index) => {
      if (count > 0) bins.push([index, count]);
    });
    return {
      count: this.#count,
      sumMs: this.#sum,
      minMs: this.#count === 0 ? 0 : this.#min,
      maxMs: this.#max,
      p50Ms: this.quantile(0.5),
      p90Ms: this.quantile(0.9),
      p95Ms: this.quantile(0.95),
      p99Ms: this.quantile(0.99),
      binMs,
      bins,
    };
  }
}
