import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DynoError, messageOf } from '../core/errors.js';
import type { RunResult } from '../core/run-result.js';

/**
 * Writes `DIR/ID/run.json` so that it is either whole or not there: into a file beside it, flushed, then renamed.
 *
 * @returns the path.
 * @throws DynoError (1) that says why nothing could be written, such as a full disk.
 */
export async function writeRunFile(directory: string, result: RunResult): Promise<string> {
  const folder = join(directory, result.id);
  const path = join(folder, 'run.json');
  const partial = `${path}.${process.pid}.partial`;
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(partial, 'wx');
    try {
      await file.writeFile(`${JSON.stringify(result)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    return path;
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw new DynoError(`The run file cannot be written to ${folder}: ${messageOf(cause)}`, {
      code: 'run-file',
      hint: 'Name another folder with --run-dir; the result itself is not lost, --json prints it.',
      cause,
    });
  }
}
