import { bucketCount, encodeV2, highestUs, indexOfUs } from '../../core/histogram/index.js';

/** What a recorder gathered since it was last drained; plain data that travels between threads and machines. */
export interface RecorderDelta {
  /** HdrHistogram V2 encoding, µs. */
  encoded: Uint8Array;
  count: number;
  sumMs: number;
  minMs: number;
  maxMs: number;
}

/** Gathers durations on a load thread: one array write a value, nothing allocated until {@link Recorder.drain}. */
export class Recorder {
  readonly #counts = new Uint32Array(bucketCount);
  #first = bucketCount;
  #last = -1;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /** Records a duration in milliseconds; below zero counts as zero, above an hour as an hour. */
  record(ms: number): void {
    // Within 2^31 µs (36 minutes) the bit operations stay on small integers.
    const us = ms < 2_000_000 ? (ms * 1000 + 0.5) | 0 : Math.min(highestUs, ms * 1000);
    const index = us > 0 ? indexOfUs(us) : 0;
    this.#counts[index]!++;
    if (index < this.#first) this.#first = index;
    if (index > this.#last) this.#last = index;
    this.#count++;
    this.#sum += ms;
    if (ms < this.#min) this.#min = ms;
    if (ms > this.#max) this.#max = ms;
  }

  /** Hands over what was gathered and begins anew; undefined where nothing was. */
  drain(): RecorderDelta | undefined {
    if (this.#count === 0) return undefined;
    const delta: RecorderDelta = {
      encoded: encodeV2({ counts: this.#counts, first: this.#first, last: this.#last }),
      count: this.#count,
      sumMs: this.#sum,
      minMs: this.#min,
      maxMs: this.#max,
    };
    this.#counts.fill(0, this.#first, this.#last + 1);
    this.#first = bucketCount;
    this.#last = -1;
    this.#count = 0;
    this.#sum = 0;
    this.#min = Infinity;
    this.#max = 0;
    return delta;
  }
}
