import { usageError } from '../../../core/errors.js';
import type { ToolBinding } from '../types.js';
import type { PlanStep, ToolStep } from './plan-types.js';

/** A plan out of bindings: each is one step, `step1`, `step2` and so on, with the arguments that it has. */
export function planOf(
  bindings: readonly ToolBinding[],
  kind: 'sequential' | 'parallel' | 'pipeline',
): PlanStep {
  const steps = bindings.map((binding, i): ToolStep => ({
    kind: 'tool',
    id: `step${i + 1}`,
    tool: binding.tool,
    arguments: binding.arguments,
  }));
  return { kind, steps };
}

/** A step that calls the first binding and falls back to the others, in their order. */
export function stepWithFallbacks(id: string, bindings: readonly ToolBinding[]): ToolStep {
  const [first, ...rest] = bindings.map((binding, i): ToolStep => ({
    kind: 'tool',
    id: i === 0 ? id : `${id}.${i}`,
    tool: binding.tool,
    arguments: binding.arguments,
  }));
  if (first === undefined) throw usageError('Expected at least one binding for a step');
  return { ...first, fallbacks: rest };
}
