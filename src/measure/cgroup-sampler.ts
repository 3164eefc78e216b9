import { backgroundClock, type Clock } from '../core/index.js';
import type { CgroupReader } from './cgroup.js';
import { RepeatingSampler, type TimedReading } from './repeating-sampler.js';
import type { SamplerTiming } from './tree-sample.js';

/** Reads what a container uses from its control group; PSS and file descriptors are not told there. */
export class CgroupSampler extends RepeatingSampler {
  readonly #reader: CgroupReader;
  readonly #clock: Clock;

  constructor(reader: CgroupReader, options: SamplerTiming & { clock?: Clock } = {}) {
    super({ intervalMs: 250, clock: backgroundClock, ...options });
    this.#reader = reader;
    this.#clock = options.clock ?? backgroundClock;
  }

  protected override get gaps(): readonly string[] {
    return [...this.#reader.missing, 'PSS and file descriptors: a container does not tell them'];
  }

  protected override read(): Promise<TimedReading> {
    const { cpuMs, rssBytes, threads, processes } = this.#reader.read();
    const gone = cpuMs === null && rssBytes === null;
    return Promise.resolve({
      sample: {
        t: this.#clock.now(),
        rssBytes: rssBytes ?? 0,
        pssBytes: null,
        fds: null,
        threads,
        processes: processes ?? (gone ? 0 : 1),
      },
      cpuMs,
    });
  }
}
