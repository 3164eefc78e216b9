import { readdirSync, statSync } from 'node:fs';
import type { CpuReading } from '../tree-cpu.js';
import { ProcFile, readProc, type ProcBytes } from './proc-file.js';
import { readCounters, type ProcessStat, type StatCounters } from './process-stat.js';

/** Files kept open by all trackers together; beyond it they are opened for each reading. */
const maxKeptOpen = 256;
let keptOpen = 0;

/** Since Linux 6.2 the size of /proc/PID/fd is the number of descriptors, which saves listing them. */
let sizeCountsFds: boolean | undefined;

/** One living process of a tree, read again and again. */
export class TrackedProcess implements CpuReading {
  readonly pid: number;
  /** As it was when first seen. */
  readonly name: string;
  /** Ended, and its CPU time not yet handed to its parent. */
  zombie = false;
  rssPages = 0;
  pssBytes: number | null = null;
  fds: number | null = null;
  /** When {@link TrackedProcess.readDetails} ran last; -Infinity before. */
  detailsAt = -Infinity;
  /** When the descriptors were counted last. */
  fdsAt = -Infinity;
  /** Its PSS may not be read, or the kernel does not tell. */
  pssHidden = false;
  readonly #startTicks: number;
  readonly #counters: StatCounters;
  readonly #stat: ProcFile | undefined;
  readonly #statm: ProcFile | undefined;

  constructor(stat: ProcessStat) {
    this.pid = stat.pid;
    this.name = stat.name;
    this.#startTicks = stat.startTicks;
    this.#counters = { ...stat, stateByte: stat.state.charCodeAt(0) };
    if (keptOpen + 2 <= maxKeptOpen) {
      this.#stat = ProcFile.open(`/proc/${stat.pid}/stat`);
      this.#statm = ProcFile.open(`/proc/${stat.pid}/statm`);
      keptOpen += this.#held;
    }
  }

  get ppid(): number {
    return this.#counters.ppid;
  }

  get pgid(): number {
    return this.#counters.pgid;
  }

  get sid(): number {
    return this.#counters.sid;
  }

  get own(): number {
    return this.#counters.ownTicks;
  }

  get waited(): number {
    return this.#counters.waitedTicks;
  }

  get threads(): number {
    return this.#counters.threads;
  }

  get #held(): number {
    return (this.#stat ? 1 : 0) + (this.#statm ? 1 : 0);
  }

  /** Reads `stat` and `statm`; false when the process is gone. */
  read(): boolean {
    const stat = this.#stat ? this.#stat.read() : readProc(`/proc/${this.pid}/stat`);
    if (stat === undefined || !readCounters(stat.bytes, stat.length, this.#counters)) return false;
    if (this.#counters.startTicks !== this.#startTicks) return false;
    const { stateByte, threads } = this.#counters;
    this.zombie = stateByte === 88 || (stateByte === 90 && threads <= 1);
    const statm = this.#statm ? this.#statm.read() : readProc(`/proc/${this.pid}/statm`);
    this.rssPages = statm ? secondNumber(statm) : 0;
    return true;
  }

  /** Counts file descriptors where that is cheap: where the kernel tells their number. */
  readCheapFds(t: number): void {
    if (kernelCountsFds()) this.#readFds(t);
  }

  /** Reads PSS and counts file descriptors. */
  readDetails(t: number): void {
    const pss = readPss(this.pid);
    this.#readFds(t);
    // A process on its way out has neither; what was known of it stands until it is gone.
    if (pss !== undefined) this.pssBytes = pss;
    this.pssHidden = pss === undefined;
    this.detailsAt = t;
  }

  #readFds(t: number): void {
    const fds = countFds(this.pid);
    if (fds !== undefined) this.fds = fds;
    this.fdsAt = t;
  }

  close(): void {
    keptOpen -= this.#held;
    this.#stat?.close();
    this.#statm?.close();
  }
}

function secondNumber({ bytes, length }: ProcBytes): number {
  let at = 0;
  while (at < length && bytes[at] !== 32) at++;
  let value = 0;
  for (at++; at < length && bytes[at] !== 32; at++) value = value * 10 + (bytes[at]! - 48);
  return value;
}

const pssLine = Buffer.from('\nPss:');

/** The proportional set size; undefined where it may not be read. */
function readPss(pid: number): number | undefined {
  const read = readProc(`/proc/${pid}/smaps_rollup`);
  if (read === undefined) return undefined;
  const at = read.bytes.indexOf(pssLine);
  if (at < 0 || at >= read.length) return undefined;
  const kilobytes = Number.parseInt(
    read.bytes.toString('latin1', at + pssLine.length, at + pssLine.length + 24),
    10,
  );
  return kilobytes * 1024;
}

function kernelCountsFds(): boolean {
  return (sizeCountsFds ??= statSync('/proc/self/fd').size > 0);
}

/** How many file descriptors a process has; undefined where it may not be read. */
export function countFds(pid: number): number | undefined {
  try {
    const path = `/proc/${pid}/fd`;
    return kernelCountsFds() ? statSync(path).size : readdirSync(path).length;
  } catch {
    return undefined;
  }
}
