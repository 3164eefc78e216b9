import { fillHoles } from '../../plan/chain/fill-holes.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import type { ChainStepPlan } from '../../plan/turn-plan.js';
import { callTemplate, unprepared, type CallTemplate } from '../lanes/call-template.js';
import type { LoadDialect } from '../load-target.js';
import type { ChainCalls } from './chain-lane.js';

/** The calls of a chain: prepared ones where nothing is to be filled in, others made anew each time. */
export function chainCalls(
  steps: readonly ChainStepPlan[],
  operations: readonly OperationPlan[],
  templates: readonly (readonly CallTemplate[])[],
  dialect: LoadDialect,
): ChainCalls {
  return {
    length: steps.length,
    template(step, iteration, saved) {
      const prepared = templates[step]!;
      const variant = iteration % prepared.length;
      const holes = steps[step]!.holes[variant] ?? [];
      if (holes.length === 0) return prepared[variant]!;
      const { method, params } = operations[step]!;
      const filled = fillHoles(params[variant]!, holes, saved);
      return callTemplate({ operation: step, variant: unprepared }, method, filled, dialect);
    },
  };
}
