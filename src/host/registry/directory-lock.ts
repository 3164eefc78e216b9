import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../core/index.js';

const lockName = 'lock';

/** Keeps a directory for one process; see {@link lockDirectory}. */
export interface DirectoryLock {
  release(): void;
}

/** What a lock file holds: the process, and when it started, since process ids are used again. */
interface Holder {
  pid: number;
  started: string;
  nonce: string;
}

/**
 * Takes a directory for this process alone. The lock of a process that is gone is taken over.
 *
 * @throws DynoError (104) that names the process which holds it.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, lockName);
  const mine: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    nonce: randomBytes(8).toString('hex'),
  };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx' });
      return {
        release() {
          if (read(path)?.nonce === mine.nonce) rmSync(path, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(path);
    if (holder !== undefined && alive(holder)) {
      throw usageError(
        `The registry directory ${directory} is in use by process ${holder.pid}`,
        'Close that registry first, take another directory, or share one with the NATS store.',
      );
    }
    // Two who find the same dead lock must not both remove it: the slower would remove the faster one's new lock.
    const aside = `${path}.${mine.nonce}`;
    try {
      renameSync(path, aside);
    } catch {
      continue;
    }
    const moved = read(aside);
    if (moved !== undefined && moved.nonce !== holder?.nonce) renameSync(aside, path);
    else rmSync(aside, { force: true });
  }
  throw usageError(`The registry directory ${directory} is being opened by several processes at once`);
}

function read(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    if (!Number.isInteger(holder.pid) || typeof holder.nonce !== 'string') return undefined;
    return { pid: holder.pid!, started: String(holder.started), nonce: holder.nonce };
  } catch {
    return undefined;
  }
}

function alive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return holder.started === '' || holder.started === startOf(holder.pid);
}

/** When a process started, as the kernel counts it; empty where it does not say (not Linux). */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
