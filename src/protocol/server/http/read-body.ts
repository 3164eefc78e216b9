import type { IncomingMessage } from 'node:http';

/**
 * Reads a request body as UTF-8 and calls back with it, or with undefined as soon as it is larger than `limit` bytes.
 * Callbacks, not promises: this runs for every call of a server under load.
 *
 * @internal
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  done: (text: string | undefined) => void,
): void {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) {
    done(undefined);
    return;
  }
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let size = 0;
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      request.removeListener('data', onData);
      request.removeListener('end', onEnd);
      done(undefined);
      return;
    }
    if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  };
  const onEnd = () => {
    done(rest !== undefined ? Buffer.concat(rest).toString('utf8') : (first?.toString('utf8') ?? ''));
  };
  request.on('data', onData);
  request.on('end', onEnd);
}
