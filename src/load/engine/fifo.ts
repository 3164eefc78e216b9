/** First in, first out, without moving what is inside: a ring that grows by doubling. */
export class Fifo<Item> {
  #ring: (Item | undefined)[] = new Array<Item | undefined>(16).fill(undefined);
  #head = 0;
  length = 0;

  push(item: Item): void {
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length) % this.#ring.length] = item;
    this.length++;
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.length--;
    return item;
  }

  clear(): void {
    this.#ring.fill(undefined);
    this.#head = 0;
    this.length = 0;
  }

  #grow(): void {
    const ring = new Array<Item | undefined>(this.#ring.length * 2).fill(undefined);
    for (let i = 0; i < this.length; i++) ring[i] = this.#ring[(this.#head + i) % this.#ring.length];
    this.#ring = ring;
    this.#head = 0;
  }
}
