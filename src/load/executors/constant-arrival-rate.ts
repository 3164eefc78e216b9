import { formatDuration } from '../../core/units.js';
import { RateCurve } from '../schedule/rate-curve.js';
import { positive, wholeNumber, type Executor } from './executor.js';

/** Calls at a fixed rate, whatever the server does. */
export const constantArrivalRate: Executor<'constant-arrival-rate'> = {
  kind: 'constant-arrival-rate',
  validate: (plan) => [
    ...positive('the rate', plan.rate, 'calls/s'),
    ...positive('the duration', plan.durationMs, 'ms'),
    ...wholeNumber('the number of connections', plan.vus),
    ...wholeNumber('the number of calls that may wait', plan.maxWaiting, 0),
  ],
  describe: (plan) =>
    `${plan.rate} calls/s (${plan.arrivals}) for ${formatDuration(plan.durationMs)} over ${plan.vus} connections`,
  shape: (plan) => ({
    model: 'open',
    vus: plan.vus,
    durationMs: plan.durationMs,
    curve: new RateCurve(plan.rate, [{ durationMs: plan.durationMs, target: plan.rate }]),
    arrivals: plan.arrivals,
    maxWaiting: plan.maxWaiting,
  }),
};
