import { isJsonObject, printableLine, unreachableError } from '../core/index.js';
import { LineSplitter } from '../protocol/framing/index.js';
import { lastWords } from './last-words.js';
import type { SpawnedChild } from './spawn-child.js';

/**
 * The URL in the one JSON line that the bundled server prints when it listens.
 *
 * @throws DynoError (111) when it ends, says something else, or says nothing in time.
 */
export function referenceAddress(child: SpawnedChild, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(`did not listen within ${timeoutMs} ms`);
    }, timeoutMs);
    const read = (chunk: Buffer) => {
      lines.push(chunk);
    };
    const finish = () => {
      clearTimeout(timer);
      child.stdout.off('data', read);
      // It writes nothing more, but a full pipe would hold it up if it did.
      child.stdout.resume();
    };
    const fail = (what: string) => {
      finish();
      reject(unreachableError(`The reference server ${what}`, lastWords(child.stderrTail())));
    };
    const lines = new LineSplitter({
      maxBytes: 65_536,
      onLine: (line) => {
        const url = urlIn(line);
        if (url === undefined) {
          fail(`printed something else than its address: ${printableLine(line)}`);
          return;
        }
        finish();
        resolve(url);
      },
    });
    child.stdout.on('data', read);
    void child.exited.then(({ code, signal }) => {
      fail(`ended with ${signal ?? `exit code ${code}`} before it listened`);
    });
  });
}

function urlIn(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) && typeof value['url'] === 'string' ? value['url'] : undefined;
  } catch {
    return undefined;
  }
}
