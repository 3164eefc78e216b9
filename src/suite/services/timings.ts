import { percentileBy, sum } from '../../analysis/index.js';
import { Histogram } from '../../core/histogram/index.js';
import type { Metrics } from '../../core/run-result.js';

const percentiles = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

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
    const n = sorted.length;
    const ms = (value: number) => ({ value: rounded(value), unit: 'ms' });
    const metrics: Metrics = this.coldMs === undefined ? {} : { [`${name}.cold`]: ms(this.coldMs) };
    if (n === 0) return metrics;
    metrics[`${name}.min`] = ms(sorted[0]!);
    metrics[`${name}.mean`] = ms(sum(sorted) / n);
    for (const [suffix, q] of percentiles) {
      const { value, ci95 } = percentileBy(n, q, (rank) => rounded(sorted[rank - 1]!));
      metrics[`${name}.${suffix}`] = { value, unit: 'ms', ci95 };
    }
    metrics[`${name}.max`] = ms(sorted[n - 1]!);
    return metrics;
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
