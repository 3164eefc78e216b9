import { formatDuration } from '../../core/units.js';
import { positive, wholeNumber, type Executor } from './executor.js';

/** A number of calls, taken by whichever virtual user is free. */
export const sharedIterations: Executor<'shared-iterations'> = {
  kind: 'shared-iterations',
  validate: (plan) => [
    ...wholeNumber('the number of connections', plan.vus),
    ...wholeNumber('the number of requests', plan.iterations),
    ...positive('the time limit', plan.maxDurationMs, 'ms'),
    ...(plan.iterations < plan.vus
      ? [`Expected at least as many requests as connections, got ${plan.iterations} for ${plan.vus}`]
      : []),
  ],
  describe: (plan) =>
    `${plan.iterations} calls over ${plan.vus} connections, at most ${formatDuration(plan.maxDurationMs)}`,
  shape: (plan) => ({
    model: 'closed',
    vus: plan.vus,
    durationMs: plan.maxDurationMs,
    iterations: { total: plan.iterations },
  }),
};
