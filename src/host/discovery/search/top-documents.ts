import type { QueryGroup, QueryTerm } from './query.js';

/** Rounding in sums of at most some hundred terms stays far below this; see {@link topDocuments}. */
const slack = 1 - 1e-9;

/** A document's number and score. */
export interface ScoredDocument {
  document: number;
  score: number;
}

/** Numbers for every document, all 0 between searches; kept so that a search allocates nothing of the catalogue's size. */
export class Scores {
  total = new Float64Array(64);
  /** What the group under way has given so far. */
  ofGroup = new Float64Array(64);

  /** Makes room for documents numbered below `documents`. */
  reserve(documents: number): void {
    if (documents <= this.total.length) return;
    const size = Math.max(documents, this.total.length * 2);
    this.total = new Float64Array(size);
    this.ofGroup = new Float64Array(size);
  }
}

/** What a search needs beside its terms. */
export interface TopOptions {
  /** How many documents are wanted. */
  limit: number;
  scores: Scores;
  /** Which documents may be found; all where absent. */
  passes?: ((document: number) => boolean) | undefined;
  /** The documents that may be found where they are few: then only these are looked at. */
  only?: Iterable<number> | undefined;
  /** Orders documents of the same score; negative when a comes first. */
  compare: (a: number, b: number) => number;
}

/**
 * The best documents, exactly, without scoring all: MaxScore, term at a time (H. Turtle and J. Flood, "Query
 * evaluation: strategies and optimizations", Information Processing & Management 31 (6), 1995). A document's score is
 * the sum over groups of the best of each group's terms. Groups come in order of what they can add at most. Once that
 * is too little to bring a new document among the best, the remaining groups are only looked up for documents that
 * still can be.
 */
export function topDocuments(groups: readonly QueryGroup[], options: TopOptions): ScoredDocument[] {
  const { limit, scores } = options;
  if (limit <= 0) return [];
  const ordered = inOrder(groups);
  const rest = new Float64Array(ordered.length + 1);
  for (let i = ordered.length - 1; i >= 0; i--) rest[i] = rest[i + 1]! + ordered[i]!.bound;

  const touched: number[] = [];
  let next = 0;
  if (options.only === undefined) {
    for (; next < ordered.length && !ordered[next]!.ranksOnly; next++) {
      if (
        touched.length >= limit &&
        threshold(touched, scores.total, limit, rest[next]!) * slack > rest[next]!
      ) {
        break;
      }
      addToAll(ordered[next]!, scores, touched, options.passes);
    }
  } else {
    for (const document of options.only) if (options.passes?.(document) !== false) touched.push(document);
  }

  let candidates = touched;
  for (; next < ordered.length && candidates.length > 0; next++) {
    const group = ordered[next]!;
    candidates = stillPossible(candidates, scores.total, limit, rest[next]!);
    if (group.ranksOnly) candidates = candidates.filter((document) => scores.total[document]! > 0);
    addToSome(group, scores, candidates, options.only === undefined);
  }
  const found = select(candidates, scores.total, limit, options.compare);
  for (const document of touched) scores.total[document] = 0;
  return found;
}

interface BoundedGroup extends QueryGroup {
  readonly bound: number;
}

function inOrder(groups: readonly QueryGroup[]): BoundedGroup[] {
  return groups
    .map(({ terms, ranksOnly }) => ({
      ranksOnly,
      terms: terms.filter(({ postings }) => postings.max > 0),
      bound: terms.reduce((most, { postings, weight }) => Math.max(most, weight * postings.max), 0),
    }))
    .filter(({ bound }) => bound > 0)
    .sort(
      (a, b) =>
        Number(a.ranksOnly) - Number(b.ranksOnly) ||
        b.bound - a.bound ||
        (a.terms[0]!.postings.term < b.terms[0]!.postings.term ? -1 : 1),
    );
}

/** Adds a group to every document that holds one of its terms; new ones go to `touched`. */
function addToAll(
  { terms }: QueryGroup,
  { total, ofGroup }: Scores,
  touched: number[],
  passes: ((document: number) => boolean) | undefined,
): void {
  for (const { postings, weight } of terms) {
    const { documents, impacts, size } = postings;
    for (let i = 0; i < size; i++) {
      const document = documents[i]!;
      const before = total[document]!;
      if (before === 0) {
        if (passes !== undefined && !passes(document)) continue;
        touched.push(document);
      }
      const gain = weight * impacts[i]!;
      const had = ofGroup[document]!;
      if (gain <= had) continue;
      total[document] = before + (gain - had);
      if (terms.length > 1) ofGroup[document] = gain;
    }
  }
  if (terms.length === 1) return;
  for (const { postings } of terms) {
    const { documents, size } = postings;
    for (let i = 0; i < size; i++) ofGroup[documents[i]!] = 0;
  }
}

/**
 * Adds a group to the candidates; where they are many next to the postings, to every document touched so far, which
 * costs less and changes nothing, since who is no candidate any more is not looked at.
 */
function addToSome(
  { terms }: QueryGroup,
  { total, ofGroup }: Scores,
  candidates: readonly number[],
  mayScan: boolean,
): void {
  const scanned: QueryTerm[] = [];
  for (const term of terms) {
    const { postings, weight } = term;
    const { documents, impacts, size } = postings;
    if (mayScan && candidates.length * (Math.log2(size + 2) + 2) > size) {
      scanned.push(term);
      for (let i = 0; i < size; i++) {
        const document = documents[i]!;
        const before = total[document]!;
        if (before === 0) continue;
        const gain = weight * impacts[i]!;
        const had = ofGroup[document]!;
        if (gain <= had) continue;
        total[document] = before + (gain - had);
        ofGroup[document] = gain;
      }
      continue;
    }
    for (const document of candidates) {
      const found = postings.find(document);
      if (found < 0) continue;
      const gain = weight * impacts[found]!;
      const had = ofGroup[document]!;
      if (gain <= had) continue;
      total[document] = total[document]! + (gain - had);
      ofGroup[document] = gain;
    }
  }
  for (const { postings } of scanned) {
    for (let i = 0; i < postings.size; i++) ofGroup[postings.documents[i]!] = 0;
  }
  if (scanned.length < terms.length) for (const document of candidates) ofGroup[document] = 0;
}

/** Those that can still be among the best when each could gain as much as `gain`. */
function stillPossible(candidates: number[], total: Float64Array, limit: number, gain: number): number[] {
  if (candidates.length <= limit) return candidates;
  const least = threshold(candidates, total, limit, 0) * slack - gain;
  if (least <= 0) return candidates;
  return candidates.filter((document) => total[document]! >= least);
}

/**
 * The score of the `limit`-th best candidate; there are at least that many. Answers 0 where it cannot be above
 * `needed`, which is found faster.
 */
function threshold(
  candidates: readonly number[],
  total: Float64Array,
  limit: number,
  needed: number,
): number {
  const heap = new Float64Array(limit);
  let filled = 0;
  for (const document of candidates) {
    const score = total[document]!;
    if (score <= needed) continue;
    if (filled < limit) {
      let child = filled++;
      while (child > 0 && heap[(child - 1) >> 1]! > score) {
        heap[child] = heap[(child - 1) >> 1]!;
        child = (child - 1) >> 1;
      }
      heap[child] = score;
    } else if (score > heap[0]!) {
      siftDown(heap, score);
    }
  }
  return filled < limit ? 0 : heap[0]!;
}

/** Puts a value in place of the smallest of a full heap. */
function siftDown(heap: Float64Array, value: number): void {
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[parent] = heap[child]!;
    parent = child;
  }
  heap[parent] = value;
}

function select(
  candidates: readonly number[],
  total: Float64Array,
  limit: number,
  compare: (a: number, b: number) => number,
): ScoredDocument[] {
  const scored = candidates.filter((document) => total[document]! > 0);
  const least = scored.length > limit ? threshold(scored, total, limit, 0) : 0;
  const above = scored.filter((document) => total[document]! > least);
  const level = scored.filter((document) => total[document] === least);
  above.sort((a, b) => total[b]! - total[a]! || compare(a, b));
  const best = [...above, ...firstOf(level, limit - above.length, compare)];
  return best.map((document) => ({ document, score: total[document]! }));
}

/** The first `count` of an order, without sorting them all: ties can be as many as the catalogue. */
function firstOf(items: number[], count: number, compare: (a: number, b: number) => number): number[] {
  if (count <= 0) return [];
  if (items.length <= 4 * count) return items.sort(compare).slice(0, count);
  const first: number[] = [];
  for (const item of items) {
    if (first.length === count && compare(item, first[count - 1]!) >= 0) continue;
    let place = first.length;
    while (place > 0 && compare(item, first[place - 1]!) < 0) place--;
    first.splice(place, 0, item);
    if (first.length > count) first.pop();
  }
  return first;
}
