import { openSync } from 'node:fs';

const slabBytes = 256 * 1024;

/**
 * Keeps memory for ever, exactly as many bytes as asked for: from large slabs whose pages become resident as they are
 * written, so that 200 bytes cost 200 bytes and not an object each.
 */
export class Hoard {
  readonly #slabs: Buffer[] = [];
  #room = 0;
  #bytes = 0;

  /** Bytes kept so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Gives everything up. */
  drop(): void {
    this.#slabs.length = this.#room = this.#bytes = 0;
  }

  keep(bytes: number): void {
    this.#bytes += bytes;
    let left = bytes;
    while (left > 0) {
      if (this.#room === 0) {
        this.#slabs.push(Buffer.allocUnsafeSlow(slabBytes));
        this.#room = slabBytes;
      }
      const taken = Math.min(left, this.#room);
      const slab = this.#slabs.at(-1)!;
      slab.fill(0xa5, slabBytes - this.#room, slabBytes - this.#room + taken);
      this.#room -= taken;
      left -= taken;
    }
  }
}

/** Opens files and never closes them. */
export class FileHoard {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @throws Error (EMFILE) where the process may open no more. */
  keep(): void {
    openSync('/dev/null', 'r');
    this.#count++;
  }
}

/** Allocates, writes and drops. */
export function churn(bytes: number): void {
  if (bytes > 0) Buffer.allocUnsafeSlow(bytes).fill(0x5a);
}
