import type { Readable } from 'node:stream';
import { printable } from '../core/index.js';

const keepBytes = 64 * 1024;

/** Keeps the last 64 kB of a stream; reads all of it, so that the writer is never held up. */
export class StderrTail {
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(stream: Readable) {
    stream.on('error', () => undefined);
    stream.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#size += piece.length;
      while (this.#size - this.#pieces[0]!.length >= keepBytes) this.#size -= this.#pieces.shift()!.length;
      // Many small writes would cost more to keep than they hold.
      if (this.#pieces.length > 1024) this.#pieces = [Buffer.concat(this.#pieces)];
    });
  }

  /** The text, without control characters but line breaks and tabs (it goes to terminals and reports). */
  text(): string {
    const bytes = Buffer.concat(this.#pieces);
    return printable(bytes.subarray(Math.max(0, bytes.length - keepBytes)).toString('utf8'));
  }
}
