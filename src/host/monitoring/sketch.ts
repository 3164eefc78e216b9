/** 64 buckets in each doubling: a value is at most 1/128 away from the middle of its bucket. */
const shift = 14;
const perDoubling = 64;
/** Values from 2^-40 (about 1e-12) to 2^60 (about 1e18) are told apart; beyond, they count as the nearest. */
const lowest = (1023 - 40) * perDoubling;
const highest = (1023 + 60) * perDoubling - 1;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** The half of a double that holds its sign and exponent. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The buckets of positive numbers: the exponent and the first bits of the mantissa, as they stand in a double. */
function bucketOf(value: number): number {
  float[0] = value;
  const bucket = words[high]! >>> shift;
  return bucket < lowest ? lowest : bucket > highest ? highest : bucket;
}

function lowerBound(bucket: number): number {
  words[high] = bucket << shift;
  words[1 - high] = 0;
  return float[0]!;
}

/** Counts by bucket, in an array that reaches as far as the values do. */
class Buckets {
  #counts = new Uint32Array(0);
  #first = 0;

  add(value: number, times: number): void {
    const bucket = bucketOf(value);
    let at = bucket - this.#first;
    if (at < 0 || at >= this.#counts.length) {
      this.#reach(bucket);
      at = bucket - this.#first;
    }
    this.#counts[at]! += times;
  }

  merge(other: Buckets): void {
    if (other.#counts.length === 0) return;
    this.#reach(other.#first);
    this.#reach(other.#first + other.#counts.length - 1);
    const offset = other.#first - this.#first;
    for (let i = 0; i < other.#counts.length; i++) this.#counts[offset + i]! += other.#counts[i]!;
  }

  clear(): void {
    this.#counts = new Uint32Array(0);
  }

  /** The middle of the bucket in which the value of a rank (from 1) is. */
  valueAt(rank: number): number {
    let passed = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      passed += this.#counts[i]!;
      if (passed >= rank) return (lowerBound(this.#first + i) + lowerBound(this.#first + i + 1)) / 2;
    }
    return NaN;
  }

  #reach(bucket: number): void {
    const length = this.#counts.length;
    if (length > 0 && bucket >= this.#first && bucket < this.#first + length) return;
    // A doubling of room to each side, so that values that drift do not copy the array for every bucket.
    const first = length === 0 ? bucket - 8 : Math.min(this.#first, bucket - perDoubling);
    const end = length === 0 ? bucket + 8 : Math.max(this.#first + length, bucket + perDoubling);
    const from = Math.max(lowest, first);
    const counts = new Uint32Array(Math.min(highest + 1, end) - from);
    if (length > 0) counts.set(this.#counts, this.#first - from);
    this.#counts = counts;
    this.#first = from;
  }
}

/**
 * Quantiles of many values in bounded memory (at most 26 kB for each sign, a few kB in practice): counts in buckets
 * whose width grows with the value, as in DDSketch (Masson, Rim and Lee, 2019) and HdrHistogram. A quantile is within
 * 0.8 % of a value that was added, and never outside of their range. A record costs a few nanoseconds.
 */
export class Sketch {
  readonly #positive = new Buckets();
  #negative: Buckets | undefined;
  #zeros = 0;
  #below = 0;
  #count = 0;
  #min = Infinity;
  #max = -Infinity;

  get count(): number {
    return this.#count;
  }

  /** Adds a finite number. */
  add(value: number): void {
    this.#count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (value > 0) {
      this.#positive.add(value, 1);
    } else if (value === 0) {
      this.#zeros++;
    } else {
      this.#below++;
      (this.#negative ??= new Buckets()).add(-value, 1);
    }
  }

  merge(other: Sketch): void {
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    this.#below += other.#below;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#positive.merge(other.#positive);
    if (other.#negative !== undefined) (this.#negative ??= new Buckets()).merge(other.#negative);
  }

  clear(): void {
    this.#positive.clear();
    this.#negative = undefined;
    this.#zeros = this.#below = this.#count = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  /** The smallest value that at least this share of all values does not exceed (nearest rank); NaN without values. */
  quantile(share: number): number {
    if (this.#count === 0) return NaN;
    const rank = Math.min(this.#count, Math.max(1, Math.ceil(share * this.#count)));
    if (rank === 1) return this.#min;
    if (rank === this.#count) return this.#max;
    let value = 0;
    if (rank <= this.#below) value = -this.#negative!.valueAt(this.#below - rank + 1);
    else if (rank > this.#below + this.#zeros)
      value = this.#positive.valueAt(rank - this.#below - this.#zeros);
    return Math.min(this.#max, Math.max(this.#min, value));
  }
}

/** The quantiles of the latest values: sketches of short spans, of which the oldest is emptied as time goes on. */
export class MovingSketch {
  readonly #spans: (Sketch | undefined)[];
  #current = 0;
  #merged: Sketch | undefined;

  constructor(spans: number) {
    this.#spans = new Array<Sketch | undefined>(spans).fill(undefined);
  }

  add(value: number): void {
    (this.#spans[this.#current] ??= new Sketch()).add(value);
    this.#merged = undefined;
  }

  /** Begins a new span; the oldest is forgotten. */
  turn(): void {
    this.#current = (this.#current + 1) % this.#spans.length;
    if (this.#spans[this.#current] === undefined) return;
    // Dropped rather than cleared: a series that has fallen silent then gives its memory back.
    this.#spans[this.#current] = undefined;
    this.#merged = undefined;
  }

  /** All spans together. */
  all(): Sketch {
    if (this.#merged !== undefined) return this.#merged;
    const merged = new Sketch();
    for (const span of this.#spans) if (span !== undefined) merged.merge(span);
    this.#merged = merged;
    return merged;
  }
}
