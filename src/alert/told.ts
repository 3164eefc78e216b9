import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cause } from './cause.js';

/** What somebody was told, and not to be told again while it lasts. */
export interface Told extends Cause {
  target: string;
  /** The receiver's {@link Channel.id}. */
  channel: string;
  /** ISO 8601. */
  since: string;
}

/**
 * The memory of alerts: one small file for each cause, target and receiver, made exclusively, so that of two runs that
 * end at once only one tells.
 */
export class ToldCauses {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** True where this was not told before; from now on it was. */
  async claim(told: Told): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true });
    try {
      await writeFile(this.#pathOf(told), `${JSON.stringify(told)}\n`, { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Nobody heard it, or it holds no more: the next time it is news again. */
  async forget(told: Pick<Told, 'key' | 'target' | 'channel'>): Promise<void> {
    await rm(this.#pathOf(told), { force: true });
  }

  /** Everything that was told of a target and still lasts. A file that cannot be read is forgotten. */
  async of(target: string): Promise<Told[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const all: Told[] = [];
    for (const name of names.filter((one) => /^[0-9a-f]{32}\.json$/.test(one))) {
      const path = join(this.#folder, name);
      try {
        const told = JSON.parse(await readFile(path, 'utf8')) as Told;
        if (told.target === target) all.push(told);
      } catch {
        await rm(path, { force: true });
      }
    }
    return all;
  }

  #pathOf({ key, target, channel }: Pick<Told, 'key' | 'target' | 'channel'>): string {
    const hash = createHash('sha256')
      .update(JSON.stringify([channel, target, key]))
      .digest('hex');
    return join(this.#folder, `${hash.slice(0, 32)}.json`);
  }
}
