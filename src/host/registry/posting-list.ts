import type { ServiceRecord } from './service.js';

/** A service in the index: its record, and where it stands in each list that it is on. */
export interface Posting {
  record: ServiceRecord;
  lists: PostingList[];
  /** `places[i]` is its place in `lists[i]`. */
  places: number[];
}

/**
 * The services that share a key, the healthy ones first, so that a look-up copies a piece of an array and touches
 * nothing that it does not return. Adding, removing and a change of health take constant time: the gap is filled with
 * the last of its part.
 */
export class PostingList {
  readonly #postings: Posting[] = [];
  readonly #records: ServiceRecord[] = [];
  #healthy = 0;

  /** How many services are on it. */
  get size(): number {
    return this.#postings.length;
  }

  /** How many of them are healthy. */
  get healthy(): number {
    return this.#healthy;
  }

  /** The records, at most `limit` of them, in no particular order. */
  records(healthyOnly: boolean, limit: number): ServiceRecord[] {
    return this.#records.slice(0, Math.min(limit, healthyOnly ? this.#healthy : this.size));
  }

  /** The posting at a place; the healthy ones stand before place {@link healthy}. */
  at(place: number): Posting {
    return this.#postings[place]!;
  }

  /** Puts a service on the list; the caller notes the list in the posting first, with any place. */
  add(posting: Posting): void {
    this.#place(posting, this.#postings.length);
    if (posting.record.state === 'healthy') this.#swap(this.size - 1, this.#healthy++);
  }

  /** Takes a service off the list; its `lists` and `places` are the caller's. */
  remove(posting: Posting): void {
    let place = this.#placeOf(posting);
    if (place < this.#healthy) {
      this.#swap(place, --this.#healthy);
      place = this.#healthy;
    }
    this.#swap(place, this.size - 1);
    this.#postings.pop();
    this.#records.pop();
  }

  /** Takes note of a new record of a service that is on the list. */
  refresh(posting: Posting): void {
    const place = this.#placeOf(posting);
    this.#records[place] = posting.record;
    const was = place < this.#healthy;
    const is = posting.record.state === 'healthy';
    if (was && !is) this.#swap(place, --this.#healthy);
    else if (is && !was) this.#swap(place, this.#healthy++);
  }

  #placeOf(posting: Posting): number {
    return posting.places[posting.lists.indexOf(this)]!;
  }

  #place(posting: Posting, place: number): void {
    this.#postings[place] = posting;
    this.#records[place] = posting.record;
    posting.places[posting.lists.indexOf(this)] = place;
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    const first = this.#postings[a]!;
    this.#place(this.#postings[b]!, a);
    this.#place(first, b);
  }
}
