/**
 * Shares in a fixed rotation, to the call: after n calls each item came within one of n · share, and exactly so after a
 * full period. Smooth weighted round-robin, as nginx does it for upstreams.
 */
export class Rotation<T> {
  readonly #items: readonly T[];
  readonly #weights: number[];
  readonly #credits: number[];

  /**
   * @param shares of the items, each 0…1, together at most 1; counted to the millionth.
   * @param rest what the remaining share is made of.
   */
  constructor(shares: ReadonlyMap<T, number>, rest: T) {
    const listed = [...shares].map(([item, share]) => ({ item, weight: Math.round(share * 1e6) }));
    const left = 1e6 - listed.reduce((sum, { weight }) => sum + weight, 0);
    const all = [{ item: rest, weight: left }, ...listed].filter(({ weight }) => weight > 0);
    this.#items = all.map(({ item }) => item);
    this.#weights = all.map(({ weight }) => weight);
    this.#credits = all.map(() => 0);
  }

  next(): T {
    const credits = this.#credits;
    if (credits.length === 1) return this.#items[0]!;
    let best = 0;
    for (let i = 0; i < credits.length; i++) {
      credits[i]! += this.#weights[i]!;
      if (credits[i]! > credits[best]!) best = i;
    }
    credits[best]! -= 1e6;
    return this.#items[best]!;
  }
}
