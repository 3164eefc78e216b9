/** The documents that hold one term, in order of their number, each with its BM25F impact; grows by doubling. */
export class Postings {
  readonly term: string;
  /** See {@link lettersOf}. */
  readonly letters: number;
  #documents = new Int32Array(4);
  #impacts = new Float32Array(4);
  #size = 0;
  #max = 0;
  #maxKnown = true;

  constructor(term: string) {
    this.term = term;
    this.letters = lettersOf(term);
  }

  /** How many documents hold the term. */
  get size(): number {
    return this.#size;
  }

  /** Document numbers, ascending; only the first {@link size} count. */
  get documents(): Int32Array {
    return this.#documents;
  }

  /** Impacts, beside {@link documents}. */
  get impacts(): Float32Array {
    return this.#impacts;
  }

  /** The largest impact of all: what the term can give a document at most. */
  get max(): number {
    if (!this.#maxKnown) {
      this.#max = 0;
      for (let i = 0; i < this.#size; i++) this.#max = Math.max(this.#max, this.#impacts[i]!);
      this.#maxKnown = true;
    }
    return this.#max;
  }

  /** Where a document is, or would be as `-1 - place`. */
  find(document: number): number {
    let low = 0;
    let high = this.#size - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const there = this.#documents[middle]!;
      if (there === document) return middle;
      if (there < document) low = middle + 1;
      else high = middle - 1;
    }
    return -1 - low;
  }

  /** Adds a document, or changes its impact. */
  set(document: number, impact: number): void {
    const rounded = Math.fround(impact);
    const last = this.#size === 0 ? -1 : this.#documents[this.#size - 1]!;
    const found = document > last ? -1 - this.#size : this.find(document);
    if (found >= 0) {
      if (this.#impacts[found] === this.#max && rounded < this.#max) this.#maxKnown = false;
      this.#impacts[found] = rounded;
    } else {
      this.#insert(-1 - found, document, rounded);
    }
    if (rounded > this.#max) this.#max = rounded;
  }

  /** Takes a document out; does nothing where it is not in. */
  delete(document: number): void {
    const found = this.find(document);
    if (found < 0) return;
    if (this.#impacts[found] === this.#max) this.#maxKnown = false;
    this.#documents.copyWithin(found, found + 1, this.#size);
    this.#impacts.copyWithin(found, found + 1, this.#size);
    this.#size--;
    if (this.#size * 4 < this.#documents.length && this.#documents.length > 16) this.#resize(this.#size * 2);
  }

  #insert(place: number, document: number, impact: number): void {
    if (this.#size === this.#documents.length) this.#resize(this.#size * 2);
    if (place < this.#size) {
      this.#documents.copyWithin(place + 1, place, this.#size);
      this.#impacts.copyWithin(place + 1, place, this.#size);
    }
    this.#documents[place] = document;
    this.#impacts[place] = impact;
    this.#size++;
  }

  #resize(capacity: number): void {
    const documents = new Int32Array(capacity);
    const impacts = new Float32Array(capacity);
    documents.set(this.#documents.subarray(0, this.#size));
    impacts.set(this.#impacts.subarray(0, this.#size));
    this.#documents = documents;
    this.#impacts = impacts;
  }
}

/** Which letters a term has, one bit each: terms that differ in more than 2 n bits are more than n edits apart. */
export function lettersOf(term: string): number {
  let bits = 0;
  for (let i = 0; i < term.length; i++) bits |= 1 << (term.charCodeAt(i) & 31);
  return bits;
}

/** How many bits of a 32-bit number are set (Warren, Hacker's Delight, 5-1). */
export function bitsSet(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
