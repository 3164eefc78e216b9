import type { Writable } from 'node:stream';

/** Writes text to a stream, and says when the peer has kept up. */
export class TextWriter {
  readonly #output: Writable;
  #drained: Promise<void> | undefined;

  constructor(output: Writable) {
    this.#output = output;
  }

  /** Resolves when the stream can take more, or is gone; rejects where it was closed before. */
  write(text: string): Promise<void> {
    const output = this.#output;
    if (output.destroyed || output.writableEnded) return Promise.reject(new Error('the pipe is closed'));
    if (output.write(text)) return Promise.resolve();
    // One wait for all who write meanwhile.
    this.#drained ??= new Promise<void>((resolve) => {
      const done = () => {
        output.removeListener('drain', done);
        output.removeListener('close', done);
        this.#drained = undefined;
        resolve();
      };
      output.once('drain', done);
      output.once('close', done);
    });
    return this.#drained;
  }
}
