import { cpus, loadavg, availableParallelism } from 'node:os';
import { systemClock, type Clock } from '../core/index.js';
import { readProcText } from './linux/proc-file.js';
import { kernelUnits } from './linux/kernel-units.js';

/** What the whole machine did over a time, so that a measurement can say who else was at work. */
export interface MachineReading {
  elapsedMs: number;
  /** Cores in use, by anybody. */
  busyCores: number;
  /** Cores' worth of time that the hypervisor gave to others while this machine wanted to run; null if not told. */
  stealCores: number | null;
  /** Cores idle while a disk was waited for; null if not told. */
  ioWaitCores: number | null;
  /** Processes that ran or waited to run, mean of the last minute (load average). */
  load1: number;
  cores: number;
}

/** Cumulative CPU time of the machine, ms. */
export interface MachineTimes {
  busyMs: number;
  stealMs: number | null;
  ioWaitMs: number | null;
}

/** Watches the machine: `/proc/stat` on Linux, `os.cpus()` elsewhere. */
export class MachineMeter {
  readonly #clock: Clock;
  #t: number;
  #times: MachineTimes;

  /** Starts at once. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#t = clock.now();
    this.#times = machineTimes();
  }

  /** What happened since the start or the last reading, and a new start. */
  read(): MachineReading {
    const before = this.#times;
    const elapsedMs = this.#clock.now() - this.#t;
    this.#t += elapsedMs;
    this.#times = machineTimes();
    const coresOf = (ms: number) => (elapsedMs > 0 ? Math.max(0, ms) / elapsedMs : 0);
    const difference = (key: 'stealMs' | 'ioWaitMs') => {
      const now = this.#times[key];
      const then = before[key];
      return now === null || then === null ? null : coresOf(now - then);
    };
    return {
      elapsedMs,
      busyCores: coresOf(this.#times.busyMs - before.busyMs),
      stealCores: difference('stealMs'),
      ioWaitCores: difference('ioWaitMs'),
      load1: loadavg()[0]!,
      cores: availableParallelism(),
    };
  }
}

function machineTimes(): MachineTimes {
  const text = readProcText('/proc/stat');
  const told = text === undefined ? undefined : parseMachineStat(text, kernelUnits().ticksPerSecond);
  if (told !== undefined) return told;
  const busyMs = cpus().reduce(
    (total, { times }) => total + times.user + times.nice + times.sys + times.irq,
    0,
  );
  return { busyMs, stealMs: null, ioWaitMs: null };
}

/** Reads the first line of `/proc/stat` (proc_stat(5)); guest time is part of user time there. */
export function parseMachineStat(text: string, ticksPerSecond: number): MachineTimes | undefined {
  const line = /^cpu +(.*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const [user, nice, system, , ioWait, irq, softIrq, steal] = line
    .split(' ')
    .map((ticks) => (Number(ticks) * 1000) / ticksPerSecond);
  return {
    busyMs: user! + nice! + system! + (irq ?? 0) + (softIrq ?? 0),
    stealMs: steal ?? null,
    ioWaitMs: ioWait ?? null,
  };
}
