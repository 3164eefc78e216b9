import type { Readable, Writable } from 'node:stream';

/** Writes text; resolves when the stream can take more, so that a peer that does not read is waited for. */
export function writeText(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (output.destroyed || output.writableEnded) {
      reject(new Error('the pipe is closed'));
      return;
    }
    if (output.write(text)) {
      resolve();
      return;
    }
    const done = () => {
      output.removeListener('drain', done);
      output.removeListener('close', done);
      resolve();
    };
    output.once('drain', done);
    output.once('close', done);
  });
}

/** Stops reading a stream and lets its source go. */
export function dropInput(input: Readable): void {
  input.removeAllListeners('data');
  input.destroy();
}
