import { readdirSync } from 'node:fs';
import { isRelated } from '../process-family.js';
import { environmentHolds } from '../process-table.js';
import { ProcFile, readProc } from './proc-file.js';
import { parseStat, type ProcessStat } from './process-stat.js';
import { TrackedProcess } from './tracked-process.js';

/** Looking for new processes takes at most this share of one core. */
const searchShare = 0.003;
const longestRestMs = 1000;
/** Even when no process seems to have been started. */
const searchAtLeastEveryMs = 5000;

/** Follows a tree of processes: finds those that appear, drops those that vanish. */
export class TreeWatch {
  /** Not seen yet; once seen, a pid that comes back is another process. */
  readonly #roots: Set<number>;
  readonly #mark: string | undefined;
  readonly #tracked = new Map<number, TrackedProcess>();
  /** Pids of the tree, and of those that ended but whose group or session lives on. */
  #family: Set<number>;
  /** Living processes known not to belong to the tree. */
  #foreign = new Set<number>();
  readonly #load = ProcFile.open('/proc/loadavg');
  #lastPid = '';
  #searchedAt = -Infinity;
  #restMs = 0;

  constructor(roots: readonly number[], mark: string | undefined) {
    this.#roots = new Set(roots);
    this.#family = new Set(roots);
    this.#mark = mark;
  }

  /** The processes of the last reading, parents before children, zombies among them. */
  get processes(): TrackedProcess[] {
    return [...this.#tracked.values()];
  }

  /**
   * Reads every process of the tree, parents first; those that are gone are dropped. New ones are looked for when some
   * were started and the budget allows it, or when `thorough`.
   */
  read(t: number, thorough: boolean): TrackedProcess[] {
    if (this.#searchIsDue(t) || thorough) this.#search(t);
    for (const process of this.#tracked.values()) {
      if (process.read()) continue;
      process.close();
      this.#tracked.delete(process.pid);
    }
    return this.processes;
  }

  close(): void {
    for (const process of this.#tracked.values()) process.close();
    this.#tracked.clear();
    this.#load?.close();
  }

  /** Pids are given out in order, so an unchanged last pid (the end of loadavg) means that nothing was started. */
  #searchIsDue(t: number): boolean {
    const load = this.#load?.read();
    const lastPid = load
      ? load.bytes.toString('latin1', load.bytes.lastIndexOf(32, load.length), load.length)
      : '';
    if (lastPid === this.#lastPid && t - this.#searchedAt < searchAtLeastEveryMs) return false;
    if (t - this.#searchedAt < this.#restMs) return false;
    this.#lastPid = lastPid;
    return true;
  }

  #search(t: number): void {
    const start = performance.now();
    const unknown: ProcessStat[] = [];
    const foreign = new Set<number>();
    for (const name of namesInProc()) {
      const first = name.charCodeAt(0);
      if (first < 49 || first > 57) continue;
      const pid = Number(name);
      if (this.#tracked.has(pid)) continue;
      if (this.#foreign.has(pid)) {
        foreign.add(pid);
        continue;
      }
      const read = readProc(`/proc/${pid}/stat`);
      const stat = read && parseStat(read.bytes, read.length);
      if (stat) unknown.push(stat);
    }
    this.#adopt(unknown, foreign);
    this.#forget();
    this.#foreign = foreign;
    // The first search looks at every process of the machine, later ones only at new ones.
    const first = this.#searchedAt === -Infinity;
    this.#restMs = first ? 0 : Math.min(longestRestMs, (performance.now() - start) / searchShare);
    this.#searchedAt = t;
  }

  #adopt(unknown: readonly ProcessStat[], foreign: Set<number>): void {
    let left = unknown;
    for (let count = -1; count !== left.length;) {
      count = left.length;
      left = left.filter((stat) => {
        const belongs = this.#roots.has(stat.pid) || isRelated(stat, this.#family);
        if (belongs) this.#add(stat);
        return !belongs;
      });
      const marked = this.#mark;
      if (count !== left.length || marked === undefined) continue;
      left = left.filter((stat) => {
        const belongs = environmentHolds(stat.pid, marked);
        if (belongs) this.#add(stat);
        return !belongs;
      });
    }
    for (const stat of left) foreign.add(stat.pid);
  }

  /** Pids are used again, so only those that still mean something may stay. */
  #forget(): void {
    const meaningful = new Set<number>(this.#roots);
    for (const { pid, pgid, sid } of this.#tracked.values()) meaningful.add(pid).add(pgid).add(sid);
    this.#family = new Set([...this.#family].filter((pid) => meaningful.has(pid)));
  }

  #add(stat: ProcessStat): void {
    this.#roots.delete(stat.pid);
    this.#family.add(stat.pid);
    this.#tracked.set(stat.pid, new TrackedProcess(stat));
  }
}

/** Where file descriptors have run out nothing can be listed: then what is known stays, until the next look. */
function namesInProc(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}
