import type { ProcessEntry } from './process-table.js';

/**
 * The roots and everything that came from them, parents before children: their children and so on, and members of the
 * groups and sessions that one of them leads, which stay related when the parent between has ended. Processes that left
 * in both ways (double fork with setsid) are found by a mark in their environment only.
 */
export function familyOf(roots: Iterable<number>, table: readonly ProcessEntry[]): ProcessEntry[] {
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const family = new Map<number, ProcessEntry>();
  for (const root of roots) {
    const entry = byPid.get(root);
    if (entry) family.set(root, entry);
  }
  const roster = new Set(roots);
  for (let grown = true; grown;) {
    grown = false;
    for (const entry of table) {
      if (family.has(entry.pid) || !isRelated(entry, roster)) continue;
      family.set(entry.pid, entry);
      roster.add(entry.pid);
      grown = true;
    }
  }
  return [...family.values()];
}

/** True when a process is the child of one of the pids, or in a group or session that one of them leads. */
export function isRelated(
  entry: { ppid: number; pgid: number; sid: number },
  pids: ReadonlySet<number>,
): boolean {
  return pids.has(entry.ppid) || pids.has(entry.pgid) || (entry.sid !== 0 && pids.has(entry.sid));
}
