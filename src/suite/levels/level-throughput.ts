import type { Metric } from '../../core/run-result.js';
import type { Level } from './measure-levels.js';

/** With fewer calls one after another than this on each connection, those cut off at the ends of the window matter. */
const enoughRounds = 50;

/**
 * The throughput of a closed level. Calls that reach over an end of the window are not counted in it; where they are long, and so
 * many of all, Little's law tells it instead: calls in flight by their mean response time, of all that began in the window.
 *
 * Source: J. D. C. Little (1961).
 */
export function levelThroughput({ inFlight, part }: Level): Metric {
  const { metrics } = part.parts;
  const counted = metrics['throughput'] ?? { value: null, unit: 'ops/s' };
  const meanMs = metrics['latency.mean']?.value;
  const rounds = part.report.okInWindow / inFlight;
  const failed = metrics['calls.failed']?.value ?? 0;
  if (rounds >= enoughRounds || failed > 0 || part.report.stopped || meanMs == null || meanMs <= 0)
    return counted;
  const value = (1000 * inFlight) / meanMs;
  const factor = counted.value == null || counted.value === 0 ? 1 : value / counted.value;
  const ci = counted.ci95;
  return { value, unit: counted.unit, ci95: ci == null ? null : [ci[0] * factor, ci[1] * factor] };
}
