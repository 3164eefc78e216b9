/**
 * Bytes that wait for the rest of their line, head or event. Grows by doubling, so that a message that arrives in many
 * pieces costs linear time; gives its memory back when a large message has been taken out.
 */
export class ByteStore {
  #buffer: Buffer = Buffer.alloc(0);
  length = 0;

  /** The stored bytes, valid until the next call of any method. */
  get bytes(): Buffer {
    return this.#buffer;
  }

  /** Copies `source[start, end)` behind what is stored. */
  append(source: Buffer, start: number, end: number): void {
    const needed = this.length + (end - start);
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2, 1024));
      this.#buffer.copy(grown, 0, 0, this.length);
      this.#buffer = grown;
    }
    source.copy(this.#buffer, this.length, start, end);
    this.length = needed;
  }

  /** Forgets everything; keeps at most 64 kB of memory. */
  clear(): void {
    this.length = 0;
    if (this.#buffer.length > 65_536) this.#buffer = Buffer.alloc(0);
  }
}
