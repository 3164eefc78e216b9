/**
 * Tool binding: from what an agent wants to tools with their arguments filled in, ready to be called, one by one or as
 * an execution plan.
 */
export { ToolBinder, type BinderOptions } from './binder.js';
export { planOf, stepWithFallbacks } from './plan/plan-of.js';
export {
  bindingStrategies,
  type ArgumentOrigin,
  type BindingRequest,
  type BindingStrategy,
  type BoundCallOptions,
  type ConfidenceReason,
  type FilledArgument,
  type ToolBinding,
  type ToolCaller,
} from './types.js';
export type {
  InputMapping,
  PlanCondition,
  PlanOptions,
  PlanResult,
  PlanStep,
  RetryPolicy,
  StepAttempt,
  StepOutcome,
  ToolStep,
} from './plan/plan-types.js';
