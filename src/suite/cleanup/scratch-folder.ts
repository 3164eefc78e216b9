import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printableLine } from '../../core/printable.js';
import type { Leftover } from './leftover.js';

/** A folder for the temporary files of a target, so that what it leaves can be told from other programs' files. */
export class ScratchFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dyno-cleanup-'));

  /** What points a program at it. */
  get env(): Record<string, string> {
    return { TMPDIR: this.path, TMP: this.path, TEMP: this.path };
  }

  /**
   * Names what was left in the folder, and removes it.
   *
   * @param processes so many used the folder: what each of them leaves is a fault, a cache that they share is not.
   */
  close(processes: number): Leftover[] {
    let names: string[] = [];
    try {
      names = readdirSync(this.path);
    } catch {
      // Removed by the target itself.
    }
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
    if (names.length === 0) return [];
    const shown = names.slice(0, 3).map((name) => printableLine(name, 60));
    const more = names.length > shown.length ? `, and ${names.length - shown.length} more` : '';
    const what = `${names.length === 1 ? 'a temporary file' : `${names.length} temporary files`} of the target had to be removed (${shown.join(', ')}${more})`;
    return [{ kind: names.length >= Math.max(2, processes / 2) ? 'fault' : 'note', what }];
  }
}
