import type { Readable } from 'node:stream';

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
    });
  }

  /** The text, without control characters but line breaks and tabs (it goes to terminals and reports). */
  text(): string {
    const bytes = Buffer.concat(this.#pieces);
    const tail = bytes.subarray(Math.max(0, bytes.length - keepBytes)).toString('utf8');
    // Colour and cursor sequences whole, then whatever else is no text.
    // eslint-disable-next-line no-control-regex
    return tail.replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '').replace(/[^\P{Cc}\n\t]|\p{Cf}/gu, '');
  }
}
