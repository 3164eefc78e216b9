import { decodeV2, encodeBase64, encodeV2, inflateBase64, type BucketCounts } from './codec.js';
import { bucketCount, highestUsOf, indexOfUs, lowestUsOf } from './layout.js';

/** A value and how many were recorded in its bucket. */
export interface Bucket {
  /** The largest value of the bucket, ms. */
  ms: number;
  count: number;
}

/**
 * Durations by count: HDR, 1 µs to 1 h, 3 digits. Histograms add up, travel encoded, and answer for any quantile.
 * Memory is taken for the range of values that occurs, at most 188 kB.
 */
export class Histogram {
  #counts = new Float64Array(0);
  #first = -1;
  #last = -1;
  #total = 0;

  /** From the text in a RunResult. @throws RangeError when it is no such histogram. */
  static fromBase64(text: string): Histogram {
    const histogram = new Histogram();
    histogram.addEncoded(inflateBase64(text));
    return histogram;
  }

  /** How many durations were recorded. */
  get count(): number {
    return this.#total;
  }

  /** Records a duration in milliseconds, `count` times. */
  record(ms: number, count = 1): void {
    this.#add(indexOfUs(Math.max(0, Math.round(ms * 1000))), count);
  }

  /** Empties it; its memory is kept for what comes next. */
  clear(): void {
    if (this.#first >= 0) this.#counts.fill(0, this.#first, this.#last + 1);
    this.#first = -1;
    this.#last = -1;
    this.#total = 0;
  }

  /** Adds all of another histogram. */
  add(other: Histogram): void {
    for (let i = other.#first; i >= 0 && i <= other.#last; i++) {
      const count = other.#counts[i]!;
      if (count > 0) this.#add(i, count);
    }
  }

  /** Adds an encoding made by {@link Histogram.encode} or a load thread. */
  addEncoded(bytes: Uint8Array): void {
    decodeV2(bytes, (index, count) => {
      this.#add(index, count);
    });
  }

  /** The V2 encoding, uncompressed. */
  encode(): Uint8Array {
    return encodeV2(this.#buckets());
  }

  /** The compressed V2 encoding in base64. */
  toBase64(): string {
    return encodeBase64(this.#buckets());
  }

  /** The value in ms below or at which a share `q` (0…1) of the recorded ones lie; null when empty. */
  quantile(q: number): number | null {
    if (this.#total === 0) return null;
    return this.atRank(Math.max(1, Math.ceil(q * this.#total - 1e-9)));
  }

  /** The value in ms at a rank from 1 (smallest) to `count` (largest). */
  atRank(rank: number): number {
    let seen = 0;
    for (let i = this.#first; i <= this.#last; i++) {
      seen += this.#counts[i]!;
      if (seen >= rank) return highestUsOf(i) / 1000;
    }
    return this.#last < 0 ? 0 : highestUsOf(this.#last) / 1000;
  }

  /** How many recorded values lie above `ms` (to the resolution of the buckets). */
  countAbove(ms: number): number {
    const from = indexOfUs(Math.max(0, Math.round(ms * 1000)));
    let above = 0;
    for (let i = Math.max(from + 1, this.#first); i <= this.#last; i++) above += this.#counts[i]!;
    return above;
  }

  /** The mean in ms from the middles of the buckets (within 0.05 %); null when empty. */
  mean(): number | null {
    if (this.#total === 0) return null;
    let sum = 0;
    for (let i = this.#first; i <= this.#last; i++) {
      sum += (this.#counts[i]! * (lowestUsOf(i) + highestUsOf(i))) / 2;
    }
    return sum / this.#total / 1000;
  }

  /** Every bucket that holds something, in rising order. */
  *buckets(): Generator<Bucket, void, undefined> {
    for (let i = this.#first; i >= 0 && i <= this.#last; i++) {
      const count = this.#counts[i]!;
      if (count > 0) yield { ms: highestUsOf(i) / 1000, count };
    }
  }

  #buckets(): BucketCounts {
    return { counts: this.#counts, first: this.#first, last: this.#last };
  }

  #add(index: number, count: number): void {
    if (index >= this.#counts.length) {
      const grown = new Float64Array(
        Math.min(bucketCount, Math.max(index + 1, this.#counts.length * 2, 2048)),
      );
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[index]! += count;
    this.#total += count;
    if (this.#first === -1 || index < this.#first) this.#first = index;
    if (index > this.#last) this.#last = index;
  }
}
