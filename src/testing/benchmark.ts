import { mean, meanInterval, median, sortedPercentile, standardDeviation } from '../analysis/index.js';
import { systemClock, type Clock } from '../core/clock.js';

/** What {@link Benchmark.measure} gives. */
export interface Measured<T> {
  result: T;
  /** Milliseconds, with fractions. */
  durationMs: number;
}

/** What the durations measured so far say; all in milliseconds. Null where there are too few of them to say. */
export interface BenchmarkStatistics {
  /** How many durations. */
  count: number;
  /** How many times the function threw; their durations do not count. */
  failures: number;
  mean: number | null;
  median: number | null;
  /** Sample standard deviation (n − 1); from 2 durations. */
  stdev: number | null;
  min: number | null;
  max: number | null;
  /** From 20 durations. */
  p95: number | null;
  /** From 100 durations. */
  p99: number | null;
  /** 95 % confidence intervals. */
  ci95: {
    /** Student's; from 2 durations. */
    mean: [number, number] | null;
    /** By binomial ranks, as of the percentiles; from 6 durations. */
    median: [number, number] | null;
    /** From 72 durations. */
    p95: [number, number] | null;
    /** From 368 durations. */
    p99: [number, number] | null;
  };
}

/** How a {@link Benchmark} works. */
export interface BenchmarkOptions {
  /** The machine's clock unless given. */
  clock?: Clock;
}

/**
 * Times something again and again in tests of your own, and says what the times say: no percentile is given before there
 * are enough of them. Every duration is kept, 8 bytes each.
 *
 * @example
 * ```ts
 * const benchmark = new Benchmark();
 * for (let i = 0; i < 20; i++) await benchmark.measure(() => client.callTool({ name: 'echo', arguments: { message: 'hi' } }));
 * const { p95 } = benchmark.statistics();
 * expect(p95).toBeLessThan(50);
 * ```
 */
export class Benchmark {
  readonly #clock: Clock;
  #durations = new Float64Array(64);
  #count = 0;
  #failures = 0;

  constructor({ clock = systemClock }: BenchmarkOptions = {}) {
    this.#clock = clock;
  }

  /**
   * Runs a function once and times it to the end of what it returns, a promise included. May be under way several times at
   * once.
   *
   * @throws what the function throws; that is counted as a failure, and its time is not kept
   */
  async measure<T>(fn: () => T | PromiseLike<T>): Promise<Measured<T>> {
    const started = this.#clock.now();
    try {
      const returned = fn();
      // Waiting for what is no promise would cost a turn of the queue, which is not the function's.
      const result = isPromiseLike(returned) ? await returned : returned;
      const durationMs = this.#clock.now() - started;
      this.#keep(durationMs);
      return { result, durationMs };
    } catch (error) {
      this.#failures++;
      throw error;
    }
  }

  /** What the durations so far say. */
  statistics(): BenchmarkStatistics {
    const sorted = this.#durations.slice(0, this.#count).sort();
    const n = sorted.length;
    const p50 = n === 0 ? null : sortedPercentile(sorted, 0.5);
    const p95 = sortedPercentile(sorted, 0.95);
    const p99 = sortedPercentile(sorted, 0.99);
    return {
      count: n,
      failures: this.#failures,
      mean: n === 0 ? null : mean(sorted),
      median: n === 0 ? null : median(sorted),
      stdev: n < 2 ? null : standardDeviation(sorted),
      min: sorted[0] ?? null,
      max: sorted[n - 1] ?? null,
      p95: p95.value,
      p99: p99.value,
      ci95: { mean: meanInterval(sorted), median: p50?.ci95 ?? null, p95: p95.ci95, p99: p99.ci95 },
    };
  }

  /** Forgets everything measured so far, such as a warm-up. */
  reset(): void {
    this.#count = 0;
    this.#failures = 0;
  }

  #keep(ms: number): void {
    if (this.#count === this.#durations.length) {
      const grown = new Float64Array(this.#count * 2);
      grown.set(this.#durations);
      this.#durations = grown;
    }
    this.#durations[this.#count++] = ms;
  }
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
