import { directionOf } from '../../analysis/index.js';
import { didYouMean, usageError } from '../../core/index.js';

/** What is compared where nothing else is asked for. */
export const comparedMetrics: readonly string[] = [
  'latency.p50',
  'latency.p95',
  'latency.p99',
  'throughput',
  'success_rate',
];

const times = ['latency', 'service_time', 'queue_wait', 'ttfb', 'connect', 'initialize'];
const suffixes = ['min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'];
const known = [
  ...times.flatMap((name) => suffixes.map((suffix) => `${name}.${suffix}`)),
  ...['throughput', 'success_rate', 'calls.ok', 'calls.failed', 'dropped'],
  ...['target.rss.max', 'target.rss.end', 'target.cpu.mean', 'target.cpu.max', 'target.fds.max'],
];

/** The metrics of `--metric`; undefined where none was named. @throws DynoError (104) for one that cannot be compared. */
export function checkMetrics(names: readonly string[] | undefined): readonly string[] | undefined {
  for (const name of names ?? []) {
    if (known.includes(name) && directionOf(name) !== 'none') continue;
    const comparable = known.filter((one) => directionOf(one) !== 'none');
    throw usageError(
      `'${name}' is no metric that can be compared`,
      didYouMean(name, comparable) ?? `Such as ${comparedMetrics.join(', ')}.`,
    );
  }
  return names === undefined || names.length === 0 ? undefined : [...new Set(names)];
}
