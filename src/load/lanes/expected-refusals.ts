import { isJsonObject } from '../../core/json.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { outcomeIndex } from './answer-checker.js';
import type { Lane, LaneOwner, OutcomeIndex } from './lane.js';

/** The JSON-RPC error of arguments that do not fit. */
const invalidParams = -32602;
const accepted = 'accepts invalid arguments';

/**
 * An owner of lanes that hears of refusals as of successes wherever an operation is to be refused, and of an acceptance as
 * of a mismatch. Where nothing is to be refused it is the owner itself: the plain call is not asked about.
 */
export function withExpectations(operations: readonly OperationPlan[], owner: LaneOwner): LaneOwner {
  if (operations.every(({ expect }) => expect === undefined)) return owner;
  const expected = operations.map(({ expect }) => expect !== undefined);
  return {
    settled(lane, outcome) {
      owner.settled(lane, expected[lane.template.operation] === true ? judged(lane, outcome) : outcome);
    },
  };
}

/** What is wrong with a call's arguments, where it is to be refused: `search_items, limit above maximum 50`. */
export function violationOf(operation: OperationPlan | undefined, variant: number): string | undefined {
  const violation = operation?.expect?.violations[variant];
  return violation === undefined ? undefined : `${operation?.tool ?? ''}, ${violation}`;
}

function judged(lane: Lane, outcome: OutcomeIndex): OutcomeIndex {
  if (outcome === outcomeIndex.tool) return outcomeIndex.ok;
  if (outcome === outcomeIndex.ok || outcome === outcomeIndex.schema) {
    // Good answers are not kept, so what is there is an earlier one.
    if (outcome === outcomeIndex.ok) lane.response = '';
    lane.message = accepted;
    return outcomeIndex.mismatch;
  }
  // Some servers give the error a status of 4xx and leave the request's id out.
  const refused = outcome === outcomeIndex.rpc || outcome === outcomeIndex.http;
  return refused && saysInvalidParams(lane.response) ? outcomeIndex.ok : outcome;
}

function saysInvalidParams(response: string): boolean {
  try {
    const answer: unknown = JSON.parse(response);
    const first: unknown = Array.isArray(answer) ? answer[0] : answer;
    return isJsonObject(first) && isJsonObject(first['error']) && first['error']['code'] === invalidParams;
  } catch {
    return false;
  }
}
