import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readProcess } from '../measure/index.js';

/** True while a process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  const entry = readProcess(pid);
  return entry !== undefined && !entry.zombie;
}

/** The next piece of a stream as text, without white space around it. */
export function nextText(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    stream.once('data', (data: Buffer) => {
      resolve(String(data).trim());
    });
  });
}

/** The stubborn child: ignores the end of its input and SIGTERM, has a helper in its group and an escaped daemon. */
export const stubborn = {
  command: process.execPath,
  args: [fileURLToPath(new URL('stubborn-child.fixture.mjs', import.meta.url))],
  env: {},
};

/** What the stubborn child tells of itself. */
export interface StubbornPids {
  helper: number;
  daemon: number;
}
