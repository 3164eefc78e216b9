import { editDistance } from '../../../core/nearest.js';
import { bitsSet, lettersOf, Postings } from './postings.js';

/** Terms shorter than this are not corrected: nearly anything is near to them. */
const shortestTypo = 4;
/** A term of a query is taken for the beginning of at most this many. */
const mostCompletions = 3;

/** All terms of an index; finds those near to a term that is not among them. */
export class Vocabulary {
  readonly #terms = new Map<string, Postings>();
  /** By first character, then by length: where a term's misspelling (but of the first letter) has to be. */
  readonly #shapes = new Map<string, Map<number, Set<Postings>>>();

  get size(): number {
    return this.#terms.size;
  }

  get(term: string): Postings | undefined {
    return this.#terms.get(term);
  }

  /** All terms, in no particular order. */
  values(): IterableIterator<Postings> {
    return this.#terms.values();
  }

  /** The postings of a term, made where there are none. */
  take(term: string): Postings {
    const known = this.#terms.get(term);
    if (known !== undefined) return known;
    const made = new Postings(term);
    this.#terms.set(term, made);
    const lengths = this.#shapes.get(term[0]!) ?? new Map<number, Set<Postings>>();
    this.#shapes.set(term[0]!, lengths);
    const same = lengths.get(term.length) ?? new Set();
    lengths.set(term.length, same.add(made));
    return made;
  }

  /** Forgets a term that no document holds any more. */
  dropIfEmpty(postings: Postings): void {
    if (postings.size > 0) return;
    const { term } = postings;
    this.#terms.delete(term);
    const lengths = this.#shapes.get(term[0]!)!;
    const same = lengths.get(term.length)!;
    same.delete(postings);
    if (same.size === 0) lengths.delete(term.length);
    if (lengths.size === 0) this.#shapes.delete(term[0]!);
  }

  /**
   * What an unknown term may have meant: terms that begin with it, else the nearest misspelling (one edit up to 7
   * letters, two from 8), always with the same first character. Deterministic: by distance, frequency, spelling.
   */
  near(term: string): Postings[] {
    const lengths = this.#shapes.get(term[0] ?? '');
    if (lengths === undefined || term.length < shortestTypo) return [];
    const completions: Postings[] = [];
    let best: Postings[] = [];
    let bestDistance = term.length < 8 ? 1 : 2;
    const letters = lettersOf(term);
    for (const [length, same] of lengths) {
      for (const postings of same) {
        if (length > term.length && postings.term.startsWith(term)) completions.push(postings);
        if (Math.abs(length - term.length) > bestDistance) continue;
        if (bitsSet(letters ^ postings.letters) > 2 * bestDistance) continue;
        const distance = editDistance(term, postings.term);
        if (distance > bestDistance) continue;
        if (distance < bestDistance) best = [];
        bestDistance = distance;
        best.push(postings);
      }
    }
    const found = completions.length > 0 ? completions : best;
    return found.sort(byFrequency).slice(0, mostCompletions);
  }
}

function byFrequency(a: Postings, b: Postings): number {
  return b.size - a.size || (a.term < b.term ? -1 : 1);
}
