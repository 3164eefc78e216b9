import type { ArrivalProcess, ExecutorPlan } from '../../plan/load-plan.js';
import type { RateCurve } from '../schedule/rate-curve.js';

/** What an executor makes of its plan: how many are at work when. Times in ms from the load's start. */
export type LoadShape =
  | {
      model: 'closed';
      /** Virtual users at most. */
      vus: number;
      durationMs: number;
      /** How many virtual users are at work; constant executors leave it out. */
      vusAt?: (ms: number) => number;
      /** Calls in all, or of each virtual user; absent where time decides. */
      iterations?: { total: number } | { perVu: number };
    }
  | {
      model: 'open';
      /** Slots that carry the calls. */
      vus: number;
      durationMs: number;
      curve: Pick<RateCurve, 'timeOf' | 'rateAt'>;
      arrivals: ArrivalProcess;
      maxWaiting: number;
    };

/** One way of starting calls. */
export interface Executor<Kind extends ExecutorPlan['kind'] = ExecutorPlan['kind']> {
  kind: Kind;
  /** Everything that is wrong with a plan, a sentence each; empty when nothing is. */
  validate(plan: Extract<ExecutorPlan, { kind: Kind }>): string[];
  /** One line for people. */
  describe(plan: Extract<ExecutorPlan, { kind: Kind }>): string;
  shape(plan: Extract<ExecutorPlan, { kind: Kind }>): LoadShape;
}

/** Complains about a number that is not whole and at least `least`. */
export function wholeNumber(name: string, value: number, least = 1): string[] {
  if (Number.isSafeInteger(value) && value >= least) return [];
  return [`Expected ${name} to be a whole number of at least ${least}, got ${value}`];
}

/** Complains about a number that is not finite and above zero. */
export function positive(name: string, value: number, unit: string): string[] {
  return Number.isFinite(value) && value > 0 ? [] : [`Expected ${name} to be above 0 ${unit}, got ${value}`];
}
