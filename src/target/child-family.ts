import {
  commandLineOf,
  environmentHolds,
  familyOf,
  readProcess,
  readProcessTable,
  type ProcessEntry,
} from '../measure/index.js';

/** A process by id and command line. */
export interface NamedProcess {
  pid: number;
  command: string;
}

/**
 * The environment variable that every child of ours, and what it starts, carries. Where dyno itself was started by
 * dyno, the values are joined with colons, so that each finds what is its own.
 */
export const markVariable = 'DYNO_TARGET_ID';

/** The value of {@link markVariable} for a new child. */
export function markValue(
  mark: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const outer = env[markVariable];
  return outer === undefined || outer === '' ? mark : `${outer}:${mark}`;
}

/**
 * Everything that came from one child: its descendants, its process group and session, and what carries its mark though
 * it has left all of them (setsid, double fork). What was seen once is remembered, also when its parents are gone.
 */
export class ChildFamily {
  readonly #leader: number;
  readonly #mark: string;
  readonly #startedAt: string | undefined;
  readonly #known = new Map<number, ProcessEntry & { command: string }>();

  /** @param leader the child's pid, which is its group's as well. */
  constructor(leader: number, mark: string) {
    this.#leader = leader;
    this.#mark = mark;
    this.#startedAt = readProcess(leader)?.startedAt;
  }

  /** Looks at every process of the machine (some milliseconds) for members; gives the living ones. */
  search(): NamedProcess[] {
    const table = readProcessTable().filter((entry) => !entry.zombie && entry.pid !== process.pid);
    const marked = table.filter((entry) => environmentHolds(entry.pid, this.#mark)).map((entry) => entry.pid);
    for (const entry of familyOf([...this.#roots(table), ...marked], table)) {
      this.#known.set(entry.pid, { ...entry, command: commandLineOf(entry).slice(0, 300) });
    }
    return this.living();
  }

  /** The members that were found and still live; cheap. */
  living(): NamedProcess[] {
    const living: NamedProcess[] = [];
    for (const [pid, known] of this.#known) {
      const now = readProcess(pid);
      if (now === undefined || now.zombie || now.startedAt !== known.startedAt) this.#known.delete(pid);
      else living.push({ pid, command: known.command });
    }
    return living;
  }

  /** True for members that left the child's process group. */
  hasEscaped(pid: number): boolean {
    const known = this.#known.get(pid);
    return known !== undefined && known.pgid !== this.#leader;
  }

  /** Pids are given out again: the leader's counts only while it is the leader's, or names a group that still lives. */
  #roots(table: readonly ProcessEntry[]): number[] {
    const now = table.find((entry) => entry.pid === this.#leader);
    const reused = now !== undefined && now.startedAt !== this.#startedAt;
    const known = [...this.#known.values()].filter((entry) =>
      table.some((other) => other.pid === entry.pid && other.startedAt === entry.startedAt),
    );
    return [...(reused ? [] : [this.#leader]), ...known.map((entry) => entry.pid)];
  }
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

/** Sends a signal to a process group; false where there is none any more. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
