import { readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { printableLine } from '../../core/printable.js';
import {
  commandLineOf,
  familyOf,
  hasProc,
  readProcessTable,
  type ResourceSource,
} from '../../measure/index.js';
import type { Leftover } from './leftover.js';

/** What a target's processes hold at one moment: open descriptors and child processes, by what identifies them. */
export interface Held {
  /** By process and descriptor, what it is open on: `socket`, `pipe`, a file's folder. */
  files: ReadonlyMap<string, string>;
  /** Command lines by pid. */
  processes: ReadonlyMap<number, string>;
}

/** What the target's processes hold now; undefined where it cannot be seen (another machine, another system). */
export function heldBy(source: ResourceSource): Held | undefined {
  if (source.kind !== 'processes' || !hasProc) return undefined;
  const family = familyOf(source.pids, readProcessTable()).filter((one) => !one.zombie);
  const files = new Map<string, string>();
  for (const { pid } of family) {
    for (const fd of descriptorsOf(pid)) {
      try {
        const link = readlinkSync(`/proc/${pid}/fd/${fd}`);
        files.set(`${pid}/${fd}/${link}`, kindOf(link));
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return { files, processes: new Map(family.map((one) => [one.pid, commandLineOf(one)])) };
}

/**
 * What is held now and was not before, where it is so much that each of the connections in between, or every other one,
 * must have left it: what a server opens once, and late, is no leak.
 */
export function grownBy(before: Held, now: Held, connections: number): Leftover[] {
  const enough = Math.max(2, connections / 2);
  const counts = new Map<string, number>();
  for (const [key, kind] of now.files) {
    if (!before.files.has(key)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const found: Leftover[] = [];
  for (const [kind, count] of counts) {
    if (count < enough) continue;
    const what = `${count} ${kind} of the target are still open after ${connections} connections were closed`;
    found.push({ kind: 'fault', what });
  }
  const fresh = [...now.processes].filter(([pid]) => !before.processes.has(pid));
  if (fresh.length >= enough) {
    const [pid, command] = fresh[0]!;
    const first = `the first is ${pid}, ${printableLine(command, 80)}`;
    const what = `${fresh.length} processes of the target still run after ${connections} connections were closed (${first})`;
    found.push({ kind: 'fault', what });
  }
  return found;
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function kindOf(link: string): string {
  const special = /^(socket|pipe|anon_inode):/.exec(link)?.[1];
  if (special !== undefined) return special === 'anon_inode' ? 'kernel handles' : `${special}s`;
  return `files in ${printableLine(dirname(link), 100)}`;
}
