import { backgroundClock, type Clock } from '../core/index.js';
import { kernelUnits } from './linux/kernel-units.js';
import type { TrackedProcess } from './linux/tracked-process.js';
import { TreeWatch } from './linux/tree-watch.js';
import { TreeCpu } from './tree-cpu.js';
import type { ResourceSampler, SamplerTiming, TreeSample } from './tree-sample.js';

/** What a {@link ProcessTreeSampler} may be told. */
export interface ProcessTreeSamplerOptions extends SamplerTiming {
  clock?: Clock;
  /** Processes whose environment holds this text belong to the tree wherever they went. */
  mark?: string;
}

/** CPU is told over at least this time, ms. */
const shortestWindowMs = 100;

/** PSS of much memory takes long, since the kernel walks all pages; it gets at most this share of one core. */
const detailShare = 0.004;

/**
 * Reads CPU, memory, file descriptors, threads and the number of processes of whole process trees on Linux: `stat` and
 * `statm` at every sample; PSS and file descriptors less often and spread over the samples between, since PSS costs up
 * to 1.5 ms a process (and less often where it costs more). Processes that come and go are followed; the CPU time of those that ended is kept.
 */
export class ProcessTreeSampler implements ResourceSampler {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #detailEveryMs: number;
  readonly #watch: TreeWatch;
  readonly #cpu = new TreeCpu();
  #ticks = 0;
  #window: { t: number; ticks: number } | undefined;
  #detailsNotBefore = -Infinity;
  #stopped = false;
  #last: TreeSample | undefined;
  #cancel: (() => void) | undefined;

  /** @param pid the root of the tree, or several. */
  constructor(pid: number | readonly number[], options: ProcessTreeSamplerOptions = {}) {
    this.#clock = options.clock ?? backgroundClock;
    this.#intervalMs = options.intervalMs ?? 250;
    this.#detailEveryMs = options.detailEveryMs ?? 5000;
    this.#watch = new TreeWatch(typeof pid === 'number' ? [pid] : pid, options.mark);
  }

  get last(): TreeSample | undefined {
    return this.#last;
  }

  get cpuMs(): number {
    return (this.#ticks * 1000) / kernelUnits().ticksPerSecond;
  }

  get missing(): readonly string[] {
    const hidden = this.#watch.processes.filter((process) => process.pssHidden && !process.zombie);
    if (hidden.length === 0) return [];
    const names = hidden.map((process) => `${process.name} (${process.pid})`).join(', ');
    return [`PSS of ${names}: not readable (a process of another user, or a kernel without smaps_rollup)`];
  }

  /** How old the oldest reading of PSS and file descriptors in the last sample is, ms. */
  get detailAgeMs(): number {
    const t = this.#last?.t ?? 0;
    return Math.max(
      0,
      ...this.#watch.processes.map((process) => t - process.detailsAt).filter(Number.isFinite),
    );
  }

  /** The pids of the living processes, parents before children. */
  get pids(): number[] {
    return this.#watch.processes.filter((process) => !process.zombie).map((process) => process.pid);
  }

  start(onSample: (sample: TreeSample) => void = () => undefined): void {
    if (this.#cancel || this.#stopped) return;
    let due = this.#clock.now();
    const wait = () => {
      due += this.#intervalMs;
      this.#cancel = this.#clock.after(Math.max(1, due - this.#clock.now()), () => {
        // After a long stall the missed samples are not made up for.
        due = Math.max(due, this.#clock.now() - this.#intervalMs);
        wait();
        onSample(this.#take(false));
      });
    };
    wait();
    onSample(this.#take(true));
  }

  sample(): Promise<TreeSample> {
    return Promise.resolve(this.#stopped && this.#last !== undefined ? this.#last : this.#take(true));
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#watch.close();
  }

  #take(thorough: boolean): TreeSample {
    const t = this.#clock.now();
    const processes = this.#watch.read(t, thorough);
    this.#ticks = this.#cpu.update(processes);
    if (thorough) for (const process of processes) process.readDetails(t);
    else {
      this.#readDueDetails(processes, t);
      for (const process of processes) if (process.fdsAt !== t) process.readCheapFds(t);
    }
    const sample = { t, cpuPercent: this.#cpuPercent(t), rssBytes: 0, fds: 0, threads: 0, processes: 0 };
    let pssBytes: number | null = 0;
    let fdsAt = t;
    for (const process of processes) {
      if (process.zombie) continue;
      sample.rssBytes += process.rssPages * kernelUnits().pageBytes;
      pssBytes = process.pssHidden || pssBytes === null ? null : pssBytes + (process.pssBytes ?? 0);
      sample.fds += process.fds ?? 0;
      fdsAt = Math.min(fdsAt, process.fdsAt);
      sample.threads += process.threads;
      sample.processes++;
    }
    this.#last = { ...sample, pssBytes, fdsAgeMs: t - fdsAt };
    return this.#last;
  }

  /** Over the time since it was last told; a window of few clock ticks (10 ms) would say nothing. */
  #cpuPercent(t: number): number | null {
    const elapsed = t - (this.#window?.t ?? -Infinity);
    if (this.#window !== undefined && elapsed < shortestWindowMs) return this.#last?.cpuPercent ?? null;
    const usedMs = ((this.#ticks - (this.#window?.ticks ?? 0)) * 1000) / kernelUnits().ticksPerSecond;
    const first = this.#window === undefined;
    this.#window = { t, ticks: this.#ticks };
    return first ? null : (100 * Math.max(0, usedMs)) / elapsed;
  }

  /** As many of the longest unread as keep everyone within `detailEveryMs`, or as the budget allows. */
  #readDueDetails(processes: readonly TrackedProcess[], t: number): void {
    if (t < this.#detailsNotBefore) return;
    const start = performance.now();
    let share = Math.ceil((processes.length * this.#intervalMs) / this.#detailEveryMs);
    for (; share > 0; share--) {
      let oldest: TrackedProcess | undefined;
      for (const process of processes) {
        const due = !process.zombie && t - process.detailsAt >= this.#detailEveryMs;
        if (due && (oldest === undefined || process.detailsAt < oldest.detailsAt)) oldest = process;
      }
      if (oldest === undefined) break;
      oldest.readDetails(t);
    }
    this.#detailsNotBefore = t + (performance.now() - start) / detailShare;
  }
}
