import { ByteStore } from './byte-store.js';
import { FramingError } from './framing-error.js';

const LF = 0x0a;
const CR = 0x0d;

/**
 * Splits a byte stream into lines (stdio transport: one JSON-RPC message a line). Lines end in LF or CRLF and are
 * decoded as UTF-8; empty lines are passed over. Any split of the stream into chunks gives the same lines.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #maxBytes: number;
  readonly #partial = new ByteStore();

  /** @param options.maxBytes longest line accepted, 64 MiB by default. */
  constructor(options: { onLine: (line: string) => void; maxBytes?: number }) {
    this.#onLine = options.onLine;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  }

  /**
   * Takes `chunk[start, end)` and calls back for each line that it completes. The chunk may be reused afterwards.
   *
   * @throws FramingError when a line is longer than the limit; what follows must not be pushed any more.
   */
  push(chunk: Buffer, start = 0, end = chunk.length): void {
    let from = start;
    while (from < end) {
      const newline = chunk.indexOf(LF, from);
      if (newline === -1 || newline >= end) break;
      if (this.#partial.length > 0) {
        this.#append(chunk, from, newline);
        this.#emit(this.#partial.bytes, 0, this.#partial.length, true);
      } else {
        this.#emit(chunk, from, newline, false);
      }
      from = newline + 1;
    }
    if (from < end) this.#append(chunk, from, end);
  }

  /** The last line where the stream ended without a line break, else undefined. */
  end(): string | undefined {
    if (this.#partial.length === 0) return undefined;
    const rest = this.#partial.bytes.toString('utf8', 0, this.#partial.length);
    this.#partial.clear();
    return rest;
  }

  #append(chunk: Buffer, start: number, end: number): void {
    if (this.#partial.length + end - start > this.#maxBytes) {
      throw new FramingError(`a line is longer than ${this.#maxBytes} bytes`);
    }
    this.#partial.append(chunk, start, end);
  }

  #emit(bytes: Buffer, start: number, end: number, stored: boolean): void {
    if (end - start > this.#maxBytes) throw new FramingError(`a line is longer than ${this.#maxBytes} bytes`);
    const stop = end > start && bytes[end - 1] === CR ? end - 1 : end;
    const line = stop > start ? bytes.toString('utf8', start, stop) : '';
    if (stored) this.#partial.clear();
    if (line !== '') this.#onLine(line);
  }
}
