import { usageError } from '../../core/errors.js';
import type { ExecutorPlan } from '../../plan/load-plan.js';
import { constantArrivalRate } from './constant-arrival-rate.js';
import { constantVus } from './constant-vus.js';
import type { Executor, LoadShape } from './executor.js';
import { perVuIterations } from './per-vu-iterations.js';
import { rampingArrivalRate } from './ramping-arrival-rate.js';
import { recordedArrivals } from './recorded-arrivals.js';
import { rampingVus } from './ramping-vus.js';
import { sharedIterations } from './shared-iterations.js';

export type { LoadShape } from './executor.js';

const executors: { [Kind in ExecutorPlan['kind']]: Executor<Kind> } = {
  'shared-iterations': sharedIterations,
  'per-vu-iterations': perVuIterations,
  'constant-vus': constantVus,
  'ramping-vus': rampingVus,
  'constant-arrival-rate': constantArrivalRate,
  'ramping-arrival-rate': rampingArrivalRate,
  'recorded-arrivals': recordedArrivals,
};

function executorOf(plan: ExecutorPlan): Executor {
  return executors[plan.kind] as Executor;
}

/** Everything that is wrong with an executor's plan, a sentence each. */
export function executorFaults(plan: ExecutorPlan): string[] {
  return executorOf(plan).validate(plan);
}

/** An executor's plan in one line for people. */
export function describeExecutor(plan: ExecutorPlan): string {
  return executorOf(plan).describe(plan);
}

/** What an executor makes of its plan. @throws DynoError (104) with all that is wrong with it. */
export function loadShape(plan: ExecutorPlan): LoadShape {
  const faults = executorFaults(plan);
  if (faults.length > 0) throw usageError(faults.join('; '));
  return executorOf(plan).shape(plan);
}
