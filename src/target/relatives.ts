import { readdirSync, readFileSync } from 'node:fs';

/** A process by id and command line. */
export interface NamedProcess {
  pid: number;
  command: string;
}

/** The environment variable that every child of ours, and what it starts, carries. */
export const markVariable = 'DYNO_TARGET_ID';

/**
 * Everything that belongs to a child: its group, its descendants, and what carries its mark though it has left both
 * (setsid, double fork). Empty where there is no /proc.
 */
export function relativesOf(group: number, mark: string): NamedProcess[] {
  const all = processes();
  const children = new Map<number, number[]>();
  for (const { pid, parent } of all.values()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const found = new Set<number>();
  const follow = (pid: number) => {
    if (found.has(pid)) return;
    found.add(pid);
    for (const child of children.get(pid) ?? []) follow(child);
  };
  if (all.has(group)) follow(group);
  for (const entry of all.values()) {
    if (entry.group === group || (!found.has(entry.pid) && carries(entry.pid, mark))) follow(entry.pid);
  }
  found.delete(process.pid);
  return [...found].map((pid) => ({ pid, command: commandOf(pid) }));
}

/** Sends a signal to processes; those that are gone are passed over. */
export function signalEach(all: readonly NamedProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of all) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone meanwhile.
    }
  }
}

function processes(): Map<number, { pid: number; parent: number; group: number }> {
  const all = new Map<number, { pid: number; parent: number; group: number }>();
  for (const name of list('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    // The command in parentheses may hold anything; the fields begin behind the last one.
    const [state, parent, group] = read(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
    if (state !== undefined && state !== 'Z' && state !== 'X' && parent !== undefined) {
      all.set(pid, { pid, parent: Number(parent), group: Number(group) });
    }
  }
  return all;
}

function carries(pid: number, mark: string): boolean {
  return `\0${read(`/proc/${pid}/environ`)}`.includes(`\0${markVariable}=${mark}\0`);
}

/** The command line of a process; undefined when it is gone. */
export function nameOf(pid: number): string | undefined {
  const state = read(`/proc/${pid}/stat`).split(') ').at(-1)?.[0];
  return state === undefined || state === '' || state === 'Z' ? undefined : commandOf(pid);
}

function commandOf(pid: number): string {
  const words = read(`/proc/${pid}/cmdline`)
    .split('\0')
    .filter((word) => word !== '');
  return words.join(' ').slice(0, 200) || `process ${pid}`;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
