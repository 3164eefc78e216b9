import { formatDuration } from '../../core/units.js';
import { positive, wholeNumber, type Executor } from './executor.js';

/** The calls of a recording, each when it is due, whatever the server does. */
export const recordedArrivals: Executor<'recorded-arrivals'> = {
  kind: 'recorded-arrivals',
  validate: (plan) => [
    ...(plan.calls.length > 0 ? [] : ['Expected a recording with at least one call that may be made']),
    ...positive('the duration', plan.durationMs, 'ms'),
    ...wholeNumber('the number of connections', plan.vus),
    ...wholeNumber('the number of calls that may wait', plan.maxWaiting, 0),
  ],
  describe: (plan) =>
    `${plan.calls.length} recorded calls in ${formatDuration(plan.durationMs)} over ${plan.vus} connections`,
  shape: ({ calls, durationMs, vus, maxWaiting }) => ({
    model: 'open',
    vus,
    durationMs,
    curve: {
      timeOf: (index) => calls[index]?.atMs ?? Infinity,
      rateAt: () => (calls.length / durationMs) * 1000,
    },
    arrivals: 'constant',
    maxWaiting,
  }),
};
