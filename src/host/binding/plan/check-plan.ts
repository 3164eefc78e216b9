import { usageError } from '../../../core/errors.js';
import { printableLine } from '../../../core/printable.js';
import type { PlanStep, ToolStep } from './plan-types.js';

const mostSteps = 1_000;
const deepest = 32;

/**
 * All tool steps of a plan in their order, fallbacks left out.
 *
 * @throws DynoError (104) that names the step: an id twice, a mapping or condition on a step that does not end before,
 *   an empty group, too many steps.
 */
export function checkPlan(plan: PlanStep): ToolStep[] {
  const steps: ToolStep[] = [];
  const ids = new Set<string>();
  visit(plan, new Set(), 0);
  return steps;

  /** Answers the ids that have ended once this step has. */
  function visit(step: PlanStep, before: ReadonlySet<string>, depth: number): ReadonlySet<string> {
    if (depth > deepest) throw usageError(`The plan is nested deeper than ${deepest}`);
    switch (step.kind) {
      case 'tool':
        visitTool(step, before);
        return new Set([...before, step.id]);
      case 'sequential':
      case 'pipeline': {
        notEmpty(step.steps, step.kind);
        let ended = before;
        for (const one of step.steps) {
          if (step.kind === 'pipeline' && one.kind !== 'tool') {
            throw usageError(`A pipeline takes tool steps only, got a step of kind '${one.kind}'`);
          }
          ended = visit(one, ended, depth + 1);
        }
        return ended;
      }
      case 'parallel': {
        notEmpty(step.steps, step.kind);
        const { maxInFlight } = step;
        if (maxInFlight !== undefined && (!Number.isInteger(maxInFlight) || maxInFlight < 1)) {
          throw usageError(
            `Expected \`maxInFlight\` to be a whole number from 1, got ${String(maxInFlight)}`,
          );
        }
        const ended = new Set(before);
        for (const one of step.steps) for (const id of visit(one, before, depth + 1)) ended.add(id);
        return ended;
      }
      case 'conditional': {
        if (typeof step.if !== 'function') known(step.if.step, before, 'A condition');
        const ended = new Set(visit(step.then, before, depth + 1));
        if (step.else !== undefined) for (const id of visit(step.else, before, depth + 1)) ended.add(id);
        return ended;
      }
      default:
        throw usageError(
          `Expected a step of kind tool, sequential, parallel, pipeline or conditional, got '${String((step as { kind: unknown }).kind)}'`,
        );
    }
  }

  function visitTool(step: ToolStep, before: ReadonlySet<string>): void {
    if (typeof step.id !== 'string' || step.id === '') {
      throw usageError('Expected every tool step to have an `id` that is not empty');
    }
    if (ids.has(step.id))
      throw usageError(`Two steps of the plan have the id '${printableLine(step.id, 60)}'`);
    ids.add(step.id);
    if (steps.push(step) > mostSteps) throw usageError(`The plan has more than ${mostSteps} steps`);
    for (const one of [step, ...(step.fallbacks ?? [])]) {
      for (const { from } of Object.values(one.inputs ?? {})) known(from, before, `Step '${step.id}'`);
    }
  }

  function known(id: string, before: ReadonlySet<string>, who: string): void {
    if (before.has(id)) return;
    throw usageError(
      `${printableLine(who, 80)} reads step '${printableLine(String(id), 60)}', which does not end before it`,
      'Put that step earlier, outside of the same parallel group',
    );
  }
}

function notEmpty(steps: readonly unknown[], kind: string): void {
  if (!Array.isArray(steps) || steps.length === 0)
    throw usageError(`A ${kind} step of the plan has no steps`);
}
