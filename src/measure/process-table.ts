import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readProc } from './linux/proc-file.js';
import { isZombie, parseStat } from './linux/process-stat.js';

/** One process of the machine. */
export interface ProcessEntry {
  pid: number;
  ppid: number;
  /** Its process group. */
  pgid: number;
  /** Its session; 0 where the system does not tell. */
  sid: number;
  /** The executable's short name. */
  name: string;
  /** Ended, but its parent has not asked for its exit status yet. */
  zombie: boolean;
  /** With the pid, it names a process for ever. */
  startedAt: string;
}

/** True where `/proc` tells about processes as Linux does. */
export const hasProc = process.platform === 'linux';

/** Every process that can be seen: from /proc on Linux, from `ps` elsewhere. */
export function readProcessTable(): ProcessEntry[] {
  return hasProc ? fromProc() : fromPs();
}

/** One process; undefined when it is gone. */
export function readProcess(pid: number): ProcessEntry | undefined {
  return hasProc ? entryOf(pid) : fromPs(pid)[0];
}

/** The command line of a process, its name in brackets where it has none or is gone (as `ps` does). */
export function commandLineOf(entry: ProcessEntry): string {
  if (!hasProc) return entry.name;
  const read = readProc(`/proc/${entry.pid}/cmdline`);
  const words = read?.bytes.toString('utf8', 0, read.length).split('\0').join(' ').trim();
  return words === undefined || words === '' ? `[${entry.name}]` : words;
}

/**
 * True when the environment that a process was started with holds the text. False where it may not be read: other
 * users' processes, and (for now) everything but Linux.
 */
export function environmentHolds(pid: number, text: string): boolean {
  if (!hasProc) return false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(text);
  } catch {
    return false;
  }
}

function fromProc(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const first = name.charCodeAt(0);
    if (first < 49 || first > 57) continue;
    const entry = entryOf(Number(name));
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function entryOf(pid: number): ProcessEntry | undefined {
  const read = readProc(`/proc/${pid}/stat`);
  const stat = read && parseStat(read.bytes, read.length);
  return (
    stat && {
      pid: stat.pid,
      ppid: stat.ppid,
      pgid: stat.pgid,
      sid: stat.sid,
      name: stat.name,
      zombie: isZombie(stat),
      startedAt: String(stat.startTicks),
    }
  );
}

function fromPs(pid?: number): ProcessEntry[] {
  const which = pid === undefined ? ['-A'] : ['-p', String(pid)];
  const columns = ['pid=', 'ppid=', 'pgid=', 'state=', 'lstart=', 'command='].flatMap((column) => [
    '-o',
    column,
  ]);
  const { stdout } = spawnSync('ps', [...which, ...columns], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return parsePs(stdout || '');
}

/** Reads `ps -o pid= -o ppid= -o pgid= -o state= -o lstart= -o command=` (POSIX, and lstart of BSD, macOS, Linux). */
export function parsePs(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line);
    if (!match) return [];
    return [
      {
        pid: Number(match[1]),
        ppid: Number(match[2]),
        pgid: Number(match[3]),
        sid: 0,
        name: match[6]!,
        zombie: match[4]!.startsWith('Z'),
        startedAt: match[5]!,
      },
    ];
  });
}
