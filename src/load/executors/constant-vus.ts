import { formatDuration } from '../../core/units.js';
import { positive, wholeNumber, type Executor } from './executor.js';

/** A fixed number of virtual users for a time, each calling when its last answer came. */
export const constantVus: Executor<'constant-vus'> = {
  kind: 'constant-vus',
  validate: (plan) => [
    ...wholeNumber('the number of connections', plan.vus),
    ...positive('the duration', plan.durationMs, 'ms'),
  ],
  describe: (plan) => `${plan.vus} in flight for ${formatDuration(plan.durationMs)}`,
  shape: (plan) => ({ model: 'closed', vus: plan.vus, durationMs: plan.durationMs }),
};
