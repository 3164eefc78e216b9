/** What is better: less of it, more of it, or neither. */
export type Direction = 'lower' | 'higher' | 'none';

/** How a metric is compared. */
export interface MetricTraits {
  direction: Direction;
  /**
   * The relative change that a comparison must be able to see: 0.1 for a median. Noise that would hide it makes the result
   * inconclusive instead of widening the tolerance.
   */
  effect: number;
  /** It may show a change, but its noise alone leaves no comparison undecided. Tails, maxima and CPU are. */
  supporting: boolean;
  /** The change that matters, whatever the user tolerates of times: one call in 200 that fails is no matter of taste. */
  tolerance?: number;
}

const directions: readonly [RegExp, Direction][] = [
  [/^(schedule_lag|offered_rate|calls\.total|target\.processes)/, 'none'],
  [/^(throughput|success_rate|calls\.ok|capacity\.|usl\.(lambda|peak_concurrency)|record_rate)/, 'higher'],
  [
    /^(latency|service_time|queue_wait|ttfb|connect|initialize|failures|calls\.failed|dropped|leak|target)\b/,
    'lower',
  ],
  [/_time\.|^retrieval_time|^usl\.(sigma|kappa)/, 'lower'],
];

/** The direction of goodness of a metric, by its name in a RunResult; `none` for what is not known to be good or bad. */
export function directionOf(metric: string): Direction {
  return directions.find(([pattern]) => pattern.test(metric))?.[1] ?? 'none';
}

/** How a metric is compared, by its name in a RunResult. */
export function traitsOf(metric: string): MetricTraits {
  const direction = directionOf(metric);
  if (metric === 'success_rate') return { direction, effect: 0.01, supporting: false, tolerance: 0.005 };
  if (/\.(p999|max)$/.test(metric)) return { direction, effect: 1, supporting: true };
  if (/\.p99$/.test(metric)) return { direction, effect: 0.5, supporting: true };
  if (/\.p9\d$/.test(metric)) return { direction, effect: 0.2, supporting: true };
  if (/^target\.|^leak\.|^usl\.|^queue_wait|^connect\.|^initialize/.test(metric)) {
    return { direction, effect: 0.3, supporting: true };
  }
  return { direction, effect: 0.1, supporting: false };
}
