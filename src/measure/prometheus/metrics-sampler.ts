import { backgroundClock, type Clock } from '../../core/index.js';
import { RepeatingSampler, type TimedReading } from '../repeating-sampler.js';
import type { SamplerTiming } from '../tree-sample.js';
import type { ProcessMetrics } from './process-metrics.js';
import { readMetricsEndpoint } from './read-endpoint.js';

/** Each look is work for the server that is measured: not more often than this, ms. */
const leastIntervalMs = 250;

/** Reads what a remote target tells of itself at a Prometheus endpoint. */
export class MetricsSampler extends RepeatingSampler {
  readonly #url: string;
  readonly #clock: Clock;
  #seen: ProcessMetrics | undefined;

  constructor(url: string, options: SamplerTiming & { clock?: Clock } = {}) {
    const { clock = backgroundClock, intervalMs = 500 } = options;
    super({ clock, intervalMs: Math.max(leastIntervalMs, intervalMs) });
    this.#url = url;
    this.#clock = clock;
  }

  protected override get gaps(): readonly string[] {
    if (this.#seen === undefined) return [];
    const { cpuMs, fds, threads } = this.#seen;
    const untold = [
      ...(cpuMs === null ? ['CPU'] : []),
      ...(fds === null ? ['file descriptors'] : []),
      ...(threads === null ? ['threads'] : []),
      'PSS',
    ];
    return [`${untold.join(', ')}: the metrics endpoint does not tell`];
  }

  protected override async read(): Promise<TimedReading> {
    const { rssBytes, cpuMs, fds, threads } = (this.#seen = await readMetricsEndpoint(this.#url));
    const t = this.#clock.now();
    return { sample: { t, rssBytes: rssBytes ?? 0, pssBytes: null, fds, threads, processes: 1 }, cpuMs };
  }
}
