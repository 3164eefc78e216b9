import { messageOf, type Clock } from '../core/index.js';
import type { ResourceSampler, TreeSample } from './tree-sample.js';

/** What a reading gives: everything but the CPU share, and the CPU time used up to now instead. */
export interface TimedReading {
  sample: Omit<TreeSample, 'cpuPercent'>;
  /** Since any fixed moment; null where it cannot be told. */
  cpuMs: number | null;
}

/** The rhythm and the CPU share of samplers that read everything at once. */
export abstract class RepeatingSampler implements ResourceSampler {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #last: TreeSample | undefined;
  #firstCpuMs: number | undefined;
  #lastCpuMs: number | null = null;
  #cancel: (() => void) | undefined;
  #running = false;
  #failure: string | undefined;

  protected constructor(options: { clock: Clock; intervalMs: number }) {
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs;
  }

  /** What this kind of reading cannot tell. */
  protected abstract readonly gaps: readonly string[];

  get missing(): readonly string[] {
    return this.#failure === undefined ? this.gaps : [`CPU and memory: ${this.#failure}`, ...this.gaps];
  }

  /** One reading of everything. */
  protected abstract read(): Promise<TimedReading>;

  get last(): TreeSample | undefined {
    return this.#last;
  }

  get cpuMs(): number {
    return (this.#lastCpuMs ?? 0) - (this.#firstCpuMs ?? 0);
  }

  start(onSample?: (sample: TreeSample) => void): void {
    if (this.#running) return;
    this.#running = true;
    const next = () => {
      const begun = this.#clock.now();
      const again = () => {
        if (!this.#running) return;
        this.#cancel = this.#clock.after(Math.max(1, begun + this.#intervalMs - this.#clock.now()), next);
      };
      this.sample().then(
        (sample) => {
          if (this.#running) onSample?.(sample);
          again();
        },
        (error: unknown) => {
          this.#failure = messageOf(error);
          again();
        },
      );
    };
    next();
  }

  async sample(): Promise<TreeSample> {
    const { sample, cpuMs } = await this.read();
    this.#failure = undefined;
    const before = this.#last;
    const elapsed = sample.t - (before?.t ?? sample.t);
    let cpuPercent: number | null = null;
    if (cpuMs !== null && this.#lastCpuMs !== null && elapsed > 0) {
      cpuPercent = (100 * Math.max(0, cpuMs - this.#lastCpuMs)) / elapsed;
    }
    this.#firstCpuMs ??= cpuMs ?? undefined;
    this.#lastCpuMs = cpuMs ?? this.#lastCpuMs;
    this.#last = { ...sample, cpuPercent };
    return this.#last;
  }

  stop(): void {
    this.#running = false;
    this.#cancel?.();
  }
}
