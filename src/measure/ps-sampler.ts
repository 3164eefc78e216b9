import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { backgroundClock, type Clock } from '../core/index.js';
import { RepeatingSampler, type TimedReading } from './repeating-sampler.js';
import type { SamplerTiming } from './tree-sample.js';
import { TreeCpu } from './tree-cpu.js';

/** One line of `ps`. */
interface PsLine {
  pid: number;
  ppid: number;
  pgid: number;
  rssBytes: number;
  cpuMs: number;
}

/**
 * Reads process trees with `ps`, where there is no /proc: CPU, RSS and processes, once a second, since every look
 * starts a process. The CPU time of children between two looks is lost, as `ps` does not tell what was waited for.
 */
export class PsSampler extends RepeatingSampler {
  protected override readonly gaps = [
    'PSS, threads and file descriptors: this system has no /proc',
    'CPU of children that live less than a second: ps does not tell it',
  ];
  readonly #roots: ReadonlySet<number>;
  readonly #clock: Clock;
  readonly #cpu = new TreeCpu();

  constructor(pid: number | readonly number[], options: SamplerTiming & { clock?: Clock } = {}) {
    super({ intervalMs: 1000, clock: backgroundClock, ...options });
    this.#roots = new Set(typeof pid === 'number' ? [pid] : pid);
    this.#clock = options.clock ?? backgroundClock;
  }

  protected override async read(): Promise<TimedReading> {
    const columns = ['pid=', 'ppid=', 'pgid=', 'rss=', 'time='].flatMap((column) => ['-o', column]);
    const { stdout } = await promisify(execFile)('ps', ['-A', ...columns], {
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: 16 * 1024 * 1024,
    });
    const family = this.#familyOf(parsePsUsage(stdout));
    const cpuMs = this.#cpu.update(
      family.map(({ pid, ppid, cpuMs: own }) => ({ pid, ppid, own, waited: 0 })),
    );
    const rssBytes = family.reduce((total, line) => total + line.rssBytes, 0);
    return {
      sample: {
        t: this.#clock.now(),
        rssBytes,
        pssBytes: null,
        fds: null,
        threads: null,
        processes: family.length,
      },
      cpuMs,
    };
  }

  #familyOf(lines: readonly PsLine[]): PsLine[] {
    const family = new Map(lines.filter(({ pid }) => this.#roots.has(pid)).map((line) => [line.pid, line]));
    for (let size = -1; size !== family.size;) {
      size = family.size;
      for (const line of lines) {
        if (family.has(line.ppid) || this.#roots.has(line.pgid)) family.set(line.pid, line);
      }
    }
    return [...family.values()];
  }
}

/** Reads `ps -A -o pid= -o ppid= -o pgid= -o rss= -o time=` (POSIX): kilobytes, and `[[dd-]hh:]mm:ss[.cc]`. */
export function parsePsUsage(text: string): PsLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/.exec(
      line,
    );
    if (!match) return [];
    const [pid, ppid, pgid, rss] = match.slice(1, 5).map(Number) as [number, number, number, number];
    const [days, hours, minutes, seconds] = match.slice(5, 9).map((part) => Number(part ?? 0));
    const cpuMs = ((days! * 24 + hours!) * 60 + minutes!) * 60_000 + seconds! * 1000;
    return [{ pid, ppid, pgid, rssBytes: rss * 1024, cpuMs }];
  });
}
