import { readFileSync } from 'node:fs';

/** What a control group used up to now. Null where the controller is not there. */
export interface CgroupReading {
  cpuMs: number | null;
  /** Resident memory without page cache: anonymous and mapped. */
  rssBytes: number | null;
  /** Tasks: threads of all processes. */
  threads: number | null;
  processes: number | null;
}

/** A control group that can be read. */
export interface CgroupReader {
  read(): CgroupReading;
  /** What cannot be read; one sentence each. */
  readonly missing: readonly string[];
}

interface Place {
  version: 1 | 2;
  /** Directory per controller; version 2 has one for all. */
  directory(controller: string): string | undefined;
}

/**
 * The control group that a process is in, version 1 or 2, read with {@link CgroupReader}; undefined when it is the root
 * group (then it holds the whole machine) or not visible here.
 *
 * @param root where to look; `/` but in tests.
 */
export function cgroupOf(pid: number, root = '/'): CgroupReader | undefined {
  const place = placeOf(pid, root);
  if (place === undefined) return undefined;
  const text = (controller: string, file: string) => {
    const directory = place.directory(controller);
    return directory === undefined ? undefined : readText(`${directory}/${file}`);
  };
  const number = (controller: string, file: string) => {
    const found = text(controller, file);
    return found === undefined ? null : finite(Number(found));
  };
  const read = (): CgroupReading => ({
    cpuMs:
      place.version === 2
        ? scaled(keyed(text('cpu', 'cpu.stat'), 'usage_usec'), 1e-3)
        : scaled(number('cpuacct', 'cpuacct.usage'), 1e-6),
    rssBytes:
      place.version === 2
        ? sum(
            keyed(text('memory', 'memory.stat'), 'anon'),
            keyed(text('memory', 'memory.stat'), 'file_mapped'),
          )
        : sum(
            keyed(text('memory', 'memory.stat'), 'total_rss'),
            keyed(text('memory', 'memory.stat'), 'total_mapped_file'),
          ),
    threads: number('pids', 'pids.current'),
    processes: linesOf(text(place.version === 2 ? 'cpu' : 'pids', 'cgroup.procs')),
  });
  const first = read();
  const names = { cpuMs: 'CPU', rssBytes: 'memory', threads: 'threads', processes: 'processes' };
  const missing = Object.entries(names).filter(([key]) => first[key as keyof CgroupReading] === null);
  if (missing.length === Object.keys(names).length) return undefined;
  return {
    read,
    missing: missing.map(([, name]) => `${name}: the container's cgroup does not tell it here`),
  };
}

function placeOf(pid: number, root: string): Place | undefined {
  const groups = readText(`${root}/proc/${pid}/cgroup`);
  const mounts = readText(`${root}/proc/self/mountinfo`);
  if (groups === undefined || mounts === undefined) return undefined;
  const paths = new Map<string, string>();
  for (const line of groups.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match) for (const controller of match[1]!.split(',')) paths.set(controller, match[2]!);
  }
  const mounted = parseMounts(mounts);
  const find = (controller: string) => {
    const mount = mounted.get(controller);
    const path = paths.get(controller);
    // Seen from inside of a container, paths above its own group begin with `/..`.
    if (mount === undefined || path === undefined || path === '/' || path.startsWith('/..')) return undefined;
    const within =
      mount.root === '/' ? path : path.startsWith(mount.root) ? path.slice(mount.root.length) : undefined;
    return within === undefined ? undefined : `${root}${mount.point}${within}`;
  };
  // A machine with both keeps the controllers in version 1 and uses version 2 for naming only.
  if (find('memory') !== undefined || find('cpuacct') !== undefined) return { version: 1, directory: find };
  const unified = find('');
  return unified === undefined ? undefined : { version: 2, directory: () => unified };
}

/** Mount points by controller name, `''` for version 2 (proc_pid_mountinfo(5)). */
function parseMounts(text: string): Map<string, { root: string; point: string }> {
  const mounts = new Map<string, { root: string; point: string }>();
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const [, , , root, point] = before!.split(' ');
    const [type, , options] = (after ?? '').split(' ');
    if (root === undefined || point === undefined) continue;
    if (type === 'cgroup2') mounts.set('', { root, point });
    if (type === 'cgroup') for (const option of options!.split(',')) mounts.set(option, { root, point });
  }
  return mounts;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function keyed(text: string | undefined, key: string): number | null {
  const found = new RegExp(`^${key} (\\d+)$`, 'm').exec(text ?? '');
  return found === null ? null : Number(found[1]);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function linesOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return text === '' ? 0 : text.split('\n').length;
}
