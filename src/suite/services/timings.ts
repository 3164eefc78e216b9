import { percentileMetrics, sum } from '../../analysis/index.js';
import { Histogram } from '../../core/histogram/index.js';
import type { Metrics } from '../../core/run-result.js';

/**
 * Durations of one operation of a service, in ms. Each is kept as it was: a service takes microseconds, which a histogram
 * would round. The first one of all, which pays for compiling and filling caches, stands apart.
 */
export class Timings {
  /** What the first operation took; undefined before it. */
  coldMs: number | undefined;
  readonly #ms: number[] = [];

  /** How many durations, the cold one not counted. */
  get count(): number {
    return this.#ms.length;
  }

  add(ms: number): void {
    this.#ms.push(ms);
  }

  /** All durations but the cold one, in the order in which they came. */
  values(): number[] {
    return [...this.#ms];
  }

  /**
   * `NAME.{min,mean,p50,p90,p95,p99,p999,max}` and `NAME.cold` in ms; percentiles and intervals by the same rules as those
   * of a load. Nothing for no durations.
   */
  metrics(name: string): Metrics {
    const sorted = Float64Array.from(this.#ms).sort();
    const count = sorted.length;
    const cold: Metrics =
      this.coldMs === undefined ? {} : { [`${name}.cold`]: { value: rounded(this.coldMs), unit: 'ms' } };
    const times = { count, min: sorted[0]!, mean: sum(sorted) / count, max: sorted[count - 1]! };
    return { ...cold, ...percentileMetrics(name, { ...times, atRank: (rank) => sorted[rank - 1]! }) };
  }

  /**
   * As an operation of a RunResult: how often, how many in a second of its own time, `latency.*`.
   *
   * @param failed how many came out badly; their durations are not here.
   */
  operation(failed = 0): { metrics: Metrics } {
    const { count } = this;
    const seconds = sum(this.#ms) / 1000;
    return {
      metrics: {
        'calls.total': { value: count + failed, unit: 'count' },
        'calls.ok': { value: count, unit: 'count' },
        'calls.failed': { value: failed, unit: 'count' },
        throughput: { value: seconds > 0 ? count / seconds : null, unit: 'ops/s' },
        ...this.metrics('latency'),
      },
    };
  }

  /** All durations as a histogram of a RunResult. */
  histogram(): string {
    const histogram = new Histogram();
    for (const ms of this.#ms) histogram.record(ms);
    return histogram.toBase64();
  }
}

/** Times are kept to the nanosecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
