import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { atPath } from '../../plan/chain/answer-path.js';
import type { ChainStepPlan } from '../../plan/turn-plan.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { AnswerChecker, fromBatch, outcomeIndex } from '../lanes/answer-checker.js';
import type { OutcomeIndex } from '../lanes/lane.js';
import type { OutputCheck } from '../lanes/output-check.js';

/** A value that is kept for later arguments has at most so many characters of JSON. */
export const mostKept = 65_536;

/** What was kept of one answer. */
export interface Kept {
  values: (readonly [name: string, value: Json])[];
  /** Why the chain cannot go on: what the answer lacks. */
  missing?: string;
}

/** Judges answers as any checker, and keeps of good ones what later steps of a chain need, by the id of the request. */
export class KeepingChecker extends AnswerChecker {
  readonly #steps: readonly ChainStepPlan[];
  readonly #kept = new Map<number, Kept>();

  /** @param steps of the chain: step i calls operation i. */
  constructor(
    operations: readonly OperationPlan[],
    checks: readonly (OutputCheck | undefined)[],
    steps: readonly ChainStepPlan[],
    era: 'session' | 'stateless' = 'session',
  ) {
    super(operations, checks, era);
    this.#steps = steps;
  }

  override checkParsed(parsed: unknown, id: number, operation: number): OutcomeIndex | undefined {
    const outcome = super.checkParsed(parsed, id, operation);
    const { save } = this.#steps[operation]!;
    if (outcome === outcomeIndex.ok && save.length > 0) {
      const answer = Array.isArray(parsed) ? fromBatch(parsed, id) : parsed;
      const result = isJsonObject(answer) ? answer['result'] : undefined;
      this.#kept.set(id, keep(isJsonObject(result) ? result : {}, save));
    }
    return outcome;
  }

  /** Hands over what was kept of the answer to this request; undefined where nothing was. */
  take(id: number): Kept | undefined {
    const kept = this.#kept.get(id);
    if (kept !== undefined) this.#kept.delete(id);
    return kept;
  }
}

function keep(result: JsonObject, save: ChainStepPlan['save']): Kept {
  const values: [string, Json][] = [];
  for (const { name, path } of save) {
    const value = atPath(result, path);
    if (value === undefined) {
      return { values, missing: `the answer has nothing at '${path.text}' to save as '${name}'` };
    }
    const size = JSON.stringify(value).length;
    if (size > mostKept) {
      return {
        values,
        missing: `what the answer has at '${path.text}' is longer than ${mostKept} characters`,
      };
    }
    values.push([name, value]);
  }
  return { values };
}
