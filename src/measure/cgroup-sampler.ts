import { backgroundClock, type Clock } from '../core/index.js';
import type { CgroupReader } from './cgroup.js';
import { RepeatingSampler, type TimedReading } from './repeating-sampler.js';
import type { SamplerTiming } from './tree-sample.js';

/** Reads what a container uses from its control group; PSS and file descriptors are not told there. */
export class CgroupSampler extends RepeatingSampler {
  readonly #find: () => Promise<CgroupReader>;
  readonly #clock: Clock;
  #reader: CgroupReader | undefined;

  /** @param reader the group, or how to find it; it is looked for until it is there. */
  constructor(
    reader: CgroupReader | (() => Promise<CgroupReader>),
    options: SamplerTiming & { clock?: Clock } = {},
  ) {
    super({ intervalMs: 250, clock: backgroundClock, ...options });
    this.#find = typeof reader === 'function' ? reader : () => Promise.resolve(reader);
    this.#reader = typeof reader === 'function' ? undefined : reader;
    this.#clock = options.clock ?? backgroundClock;
  }

  protected override get gaps(): readonly string[] {
    return [...(this.#reader?.missing ?? []), 'PSS and file descriptors: a container does not tell them'];
  }

  protected override async read(): Promise<TimedReading> {
    this.#reader ??= await this.#find();
    const { cpuMs, rssBytes, threads, processes } = this.#reader.read();
    const gone = cpuMs === null && rssBytes === null;
    return {
      sample: {
        t: this.#clock.now(),
        rssBytes: rssBytes ?? 0,
        pssBytes: null,
        fds: null,
        threads,
        processes: processes ?? (gone ? 0 : 1),
      },
      cpuMs,
    };
  }
}
