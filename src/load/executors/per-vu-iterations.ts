import { formatDuration } from '../../core/units.js';
import { positive, wholeNumber, type Executor } from './executor.js';

/** The same number of calls for every virtual user. */
export const perVuIterations: Executor<'per-vu-iterations'> = {
  kind: 'per-vu-iterations',
  validate: (plan) => [
    ...wholeNumber('the number of connections', plan.vus),
    ...wholeNumber('the number of requests of each connection', plan.iterations),
    ...positive('the time limit', plan.maxDurationMs, 'ms'),
  ],
  describe: (plan) =>
    `${plan.iterations} calls on each of ${plan.vus} connections, at most ${formatDuration(plan.maxDurationMs)}`,
  shape: (plan) => ({
    model: 'closed',
    vus: plan.vus,
    durationMs: plan.maxDurationMs,
    iterations: { perVu: plan.iterations },
  }),
};
