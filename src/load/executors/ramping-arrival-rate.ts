import { formatDuration } from '../../core/units.js';
import { RateCurve } from '../schedule/rate-curve.js';
import { wholeNumber, type Executor } from './executor.js';
import { stageFaults, totalMs } from './ramping-vus.js';

/** Calls at a rate that follows stages, linearly within each, whatever the server does. */
export const rampingArrivalRate: Executor<'ramping-arrival-rate'> = {
  kind: 'ramping-arrival-rate',
  validate: (plan) => [
    ...(Number.isFinite(plan.startRate) && plan.startRate >= 0
      ? []
      : [`Expected the rate at the start to be 0 calls/s or more, got ${plan.startRate}`]),
    ...stageFaults(plan.stages, 'calls/s'),
    ...wholeNumber('the number of connections', plan.vus),
    ...wholeNumber('the number of calls that may wait', plan.maxWaiting, 0),
  ],
  describe: (plan) =>
    `from ${plan.startRate} calls/s (${plan.arrivals}) ${plan.stages.map((stage) => `to ${stage.target}/s in ${formatDuration(stage.durationMs)}`).join(', ')} over ${plan.vus} connections`,
  shape: (plan) => ({
    model: 'open',
    vus: plan.vus,
    durationMs: totalMs(plan.stages),
    curve: new RateCurve(plan.startRate, plan.stages),
    arrivals: plan.arrivals,
    maxWaiting: plan.maxWaiting,
  }),
};
