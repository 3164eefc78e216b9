import { sleep, type Clock } from '../../../core/clock.js';
import { messageOf, usageError } from '../../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { printableLine } from '../../../core/printable.js';
import type { Random } from '../../../core/random.js';
import type { CallToolResult } from '../../../protocol/types.js';
import type { ToolRecord } from '../../discovery/types.js';
import type { CallObservation } from '../../discovery/usage.js';
import type { ToolValidator } from '../../validation/index.js';
import { fillArguments, given } from '../arguments/fill.js';
import { equal } from '../arguments/holds.js';
import type { ToolCaller } from '../types.js';
import { isTransient, mayRepeat, policyOf, withDeadline } from './attempt.js';
import { checkPlan } from './check-plan.js';
import { at, outputOf, textOf } from './output.js';
import type {
  PlanCondition,
  PlanOptions,
  PlanResult,
  PlanStep,
  StepAttempt,
  StepOutcome,
  ToolStep,
} from './plan-types.js';

/** What running plans needs from outside. */
export interface PlanSurroundings {
  call: ToolCaller;
  /** Hears how each attempt went that was not cancelled. */
  observe: (tool: ToolRecord, call: CallObservation) => void;
  /** Finds the tool of an id. */
  find: (id: string) => ToolRecord | undefined;
  validator: ToolValidator;
  clock: Clock;
  random: Random;
}

const defaultInFlight = 16;

/** The plan took too long. */
class PlanTimeout extends Error {}
/** Another step of the same parallel group failed. */
class SiblingFailed extends Error {}

/**
 * Runs a plan to its end and tells how each step went. Rejects only for a plan that is none: what goes wrong on the way
 * is in the result. Plans share nothing, so that they never wait for one another.
 *
 * @throws DynoError (104) for a plan that cannot be run as it is written.
 */
export async function runPlan(
  plan: PlanStep,
  surroundings: PlanSurroundings,
  options: PlanOptions = {},
): Promise<PlanResult> {
  const steps = checkPlan(plan);
  for (const step of steps) for (const one of [step, ...(step.fallbacks ?? [])]) recordOf(one, surroundings);
  const { clock } = surroundings;
  const start = clock.now();
  const controller = new AbortController();
  const cancel = () => {
    controller.abort(options.signal?.reason ?? new Error('The plan was cancelled'));
  };
  if (options.signal?.aborted === true) cancel();
  options.signal?.addEventListener('abort', cancel, { once: true });
  const cancelTimer =
    options.timeoutMs === undefined
      ? undefined
      : clock.after(options.timeoutMs, () => {
          controller.abort(new PlanTimeout(`The plan did not end within ${options.timeoutMs} ms`));
        });
  const run = new Run(surroundings, options, start);
  let ok: boolean;
  try {
    ok = await run.step(plan, controller.signal);
  } finally {
    cancelTimer?.();
    options.signal?.removeEventListener('abort', cancel);
  }
  const aborted = controller.signal.aborted && !ok;
  const status = !aborted
    ? ok
      ? 'ok'
      : 'failed'
    : controller.signal.reason instanceof PlanTimeout
      ? 'timed-out'
      : 'cancelled';
  const outcomes = steps.map(
    ({ id }): StepOutcome =>
      run.outcomes.get(id) ?? { id, status: 'skipped', attempts: [], reason: 'It was not reached' },
  );
  const last = [...run.outcomes.values()].filter((one) => one.status === 'ok').at(-1);
  return {
    status,
    steps: outcomes,
    ...(last?.output !== undefined && { output: last.output }),
    durationMs: clock.now() - start,
    sentence: sentenceFor(status, outcomes, options.timeoutMs),
  };
}

class Run {
  /** In the order in which the steps ended. */
  readonly outcomes = new Map<string, StepOutcome>();
  readonly #surroundings: PlanSurroundings;
  readonly #options: PlanOptions;
  readonly #start: number;

  constructor(surroundings: PlanSurroundings, options: PlanOptions, start: number) {
    this.#surroundings = surroundings;
    this.#options = options;
    this.#start = start;
  }

  /** Runs a step; true when the plan may go on. */
  async step(step: PlanStep, signal: AbortSignal): Promise<boolean> {
    switch (step.kind) {
      case 'tool':
        return this.#tool(step, signal, undefined);
      case 'sequential':
        for (const one of step.steps) if (!(await this.step(one, signal))) return false;
        return true;
      case 'pipeline': {
        let previous: string | undefined;
        for (const one of step.steps) {
          if (!(await this.#tool(one, signal, previous))) return false;
          previous = one.id;
        }
        return true;
      }
      case 'parallel':
        return this.#parallel(step, signal);
      case 'conditional': {
        const chosen = this.#holds(step.if) ? step.then : step.else;
        return chosen === undefined ? true : this.step(chosen, signal);
      }
    }
  }

  async #parallel(step: Extract<PlanStep, { kind: 'parallel' }>, signal: AbortSignal): Promise<boolean> {
    const group = new AbortController();
    const cancel = () => {
      group.abort(signal.reason);
    };
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const waiting = step.steps.values();
    let ok = true;
    const lane = async () => {
      for (const one of waiting) {
        if (await this.step(one, group.signal)) continue;
        ok = false;
        if (step.onFailure === 'stop') group.abort(new SiblingFailed('Another step of its group failed'));
      }
    };
    const lanes = Math.min(step.maxInFlight ?? defaultInFlight, step.steps.length);
    try {
      await Promise.all(Array.from({ length: lanes }, lane));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
    return ok;
  }

  /** A tool step with its attempts and fallbacks; notes the outcome. */
  async #tool(step: ToolStep, signal: AbortSignal, previous: string | undefined): Promise<boolean> {
    const attempts: StepAttempt[] = [];
    if (signal.aborted) return this.#cancelled(step, attempts, signal);
    let reason = '';
    let inherited: JsonObject | undefined;
    for (const one of [step, ...(step.fallbacks ?? [])]) {
      const tool = recordOf(one, this.#surroundings);
      const prepared = this.#arguments(one, tool, previous, inherited);
      if (one === step) inherited = prepared.arguments;
      if (prepared.problem !== undefined) {
        reason = `${tool.label}: ${prepared.problem}`;
        continue;
      }
      try {
        const result = await this.#attempts(one, tool, prepared.arguments, signal, attempts);
        this.outcomes.set(step.id, {
          id: step.id,
          status: 'ok',
          attempts,
          ...(one !== step && { fallback: one.id }),
          result,
          output: outputOf(result),
        });
        return true;
      } catch (thrown) {
        reason = printableLine(`${tool.label}: ${messageOf(thrown)}`, 300);
        if (signal.aborted) return this.#cancelled(step, attempts, signal);
      }
    }
    this.outcomes.set(step.id, { id: step.id, status: 'failed', attempts, reason });
    return step.optional === true;
  }

  #cancelled(step: ToolStep, attempts: StepAttempt[], signal: AbortSignal): false {
    const reason = printableLine(messageOf(signal.reason), 300);
    this.outcomes.set(step.id, { id: step.id, status: 'cancelled', attempts, reason });
    return false;
  }

  /** Calls until it succeeds, may not be repeated, or was tried often enough. */
  async #attempts(
    step: ToolStep,
    tool: ToolRecord,
    args: JsonObject,
    signal: AbortSignal,
    attempts: StepAttempt[],
  ): Promise<CallToolResult> {
    const { clock, random, call, observe } = this.#surroundings;
    const policy = policyOf(step.retry);
    const most = mayRepeat(tool.tool) ? policy.maxAttempts : 1;
    const timeoutMs = step.timeoutMs ?? this.#options.stepTimeoutMs ?? 30_000;
    const { agentId } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const began = clock.now();
      const note = (error?: string) => {
        const latencyMs = clock.now() - began;
        if (!signal.aborted) observe(tool, { ok: error === undefined, latencyMs });
        attempts.push({
          tool: tool.id,
          startMs: began - this.#start,
          durationMs: latencyMs,
          ...(error !== undefined && { error: printableLine(error, 300) }),
        });
      };
      try {
        const result = await withDeadline(
          (inner) => call({ tool, arguments: args, agentId, timeoutMs, signal: inner }),
          timeoutMs,
          signal,
          clock,
        );
        if (result.isError === true) throw new Error(`The tool answered an error: ${textOf(result)}`);
        note();
        return result;
      } catch (thrown) {
        note(messageOf(thrown));
        if (signal.aborted || attempt >= most || !isTransient(thrown)) throw thrown;
        const pause = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** (attempt - 1));
        await sleep(pause * (0.5 + random.next() / 2), clock, signal);
      }
    }
  }

  /** The arguments of a step: its own, those inherited or piped in, and over them what it maps. */
  #arguments(
    step: ToolStep,
    tool: ToolRecord,
    previous: string | undefined,
    inherited: JsonObject | undefined,
  ): { arguments: JsonObject; problem?: string } {
    const args: JsonObject = { ...(step.arguments ?? inherited) };
    for (const [name, { from, path = '' }] of Object.entries(step.inputs ?? {})) {
      const outcome = this.outcomes.get(from);
      const value = outcome?.output === undefined ? undefined : at(outcome.output, path);
      if (value === undefined) {
        const where = path === '' ? '' : ` at ${path}`;
        return {
          arguments: args,
          problem: `step '${from}' has given nothing${where} for its input '${name}'`,
        };
      }
      args[name] = value;
    }
    const piped: Json | undefined = previous === undefined ? undefined : this.outcomes.get(previous)?.output;
    if (piped !== undefined) {
      const offered: JsonObject = isJsonObject(piped) ? piped : { result: piped };
      const filled = fillArguments(tool.tool.inputSchema, given(offered, {}, ''));
      for (const [name, value] of Object.entries(filled.arguments))
        if (!Object.hasOwn(args, name)) args[name] = value;
    }
    const checked = this.#surroundings.validator.validateInput(tool.tool, args);
    return checked.valid ? { arguments: args } : { arguments: args, problem: checked.message };
  }

  #holds(condition: PlanCondition): boolean {
    if (typeof condition === 'function') {
      try {
        return condition(this.outcomes);
      } catch (thrown) {
        throw usageError(`A condition of the plan threw: ${messageOf(thrown)}`, undefined, thrown);
      }
    }
    const outcome = this.outcomes.get(condition.step);
    if ('is' in condition)
      return condition.is === 'ok' ? outcome?.status === 'ok' : outcome?.status === 'failed';
    const value = outcome?.output === undefined ? undefined : at(outcome.output, condition.path ?? '');
    if ('exists' in condition) return (value !== undefined) === condition.exists;
    return value !== undefined && equal(value, condition.equals);
  }
}

function recordOf(step: ToolStep, { find }: PlanSurroundings): ToolRecord {
  if (typeof step.tool !== 'string') return step.tool;
  const found = find(step.tool);
  if (found !== undefined) return found;
  throw usageError(
    `Step '${printableLine(step.id, 60)}' calls the tool '${printableLine(step.tool, 120)}', which is not known`,
    'Tools are named by their id, `server/name`',
  );
}

function sentenceFor(
  status: PlanResult['status'],
  outcomes: readonly StepOutcome[],
  timeoutMs: number | undefined,
): string {
  const count = (wanted: StepOutcome['status']) =>
    outcomes.filter(({ status: one }) => one === wanted).length;
  const done = `${count('ok')} of ${outcomes.length} steps succeeded`;
  const failed = outcomes.find((one) => one.status === 'failed');
  switch (status) {
    case 'ok':
      return failed === undefined
        ? `${done}.`
        : `${done}; '${printableLine(failed.id, 60)}' was optional and failed.`;
    case 'failed':
      return `${done}; '${printableLine(failed?.id ?? '', 60)}' failed: ${failed?.reason ?? 'unknown'}`;
    case 'cancelled':
      return `${done} before the plan was cancelled.`;
    case 'timed-out':
      return `${done} within the plan's ${timeoutMs} ms.`;
  }
}
