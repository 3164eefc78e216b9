import { isJsonObject, type JsonObject } from '../../core/json.js';
import { messageOf } from '../../core/errors.js';
import { outcomes } from '../../core/outcome.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { classifyResponse, describeResponse, plain } from '../../protocol/message/classify-response.js';
import type { OutcomeIndex } from './lane.js';
import type { OutputCheck } from './output-check.js';
import { shapeCheck, type ShapeCheck } from './result-shapes.js';

/** Positions in `outcomes`, for counting without strings. */
export const outcomeIndex = Object.fromEntries(outcomes.map((name, index) => [name, index])) as Record<
  (typeof outcomes)[number],
  OutcomeIndex
>;

/** The answer asks for input before it can be given (stateless era, `input_required`): the call goes on. */
export const inputRequired: OutcomeIndex = -1;

/** A message of the server that is no answer: a request (with id) or a notification. */
export interface ServerMessage {
  method: string;
  id?: string | number;
  params?: JsonObject;
}

/** Parses and judges answers on a load thread. After a failure `message` says what was wrong. */
export class AnswerChecker {
  message = '';
  /** The server's own message, after {@link AnswerChecker.check} returned undefined. */
  serverMessage: ServerMessage | undefined;
  readonly #checks: readonly (OutputCheck | undefined)[];
  readonly #isToolCall: boolean[];
  readonly #shapes: (ShapeCheck | undefined)[];
  readonly #stateless: boolean;

  /** @param checks what `outputChecks` made of the same operations. */
  constructor(
    operations: readonly OperationPlan[],
    checks: readonly (OutputCheck | undefined)[] = [],
    era: 'session' | 'stateless' = 'session',
  ) {
    this.#checks = checks;
    this.#stateless = era === 'stateless';
    this.#isToolCall = operations.map((operation) => operation.method === 'tools/call');
    this.#shapes = operations.map((operation) => shapeCheck(operation.method));
  }

  /**
   * Judges the JSON text that came for request `id` of `operation`.
   *
   * @returns the outcome ({@link inputRequired} where there is none yet), or undefined where the text is a request or
   *   notification of the server.
   */
  check(text: string, id: number, operation: number): OutcomeIndex | undefined {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (error) {
      this.message =
        text === '' ? 'the answer is empty' : `the answer is not JSON: ${plain(messageOf(error))}`;
      return outcomeIndex.parse;
    }
    return this.checkParsed(answer, id, operation);
  }

  /** As {@link AnswerChecker.check}, for JSON that is parsed already. */
  checkParsed(parsed: unknown, id: number, operation: number): OutcomeIndex | undefined {
    const answer = Array.isArray(parsed) ? fromBatch(parsed, id) : parsed;
    const outcome = outcomeIndex[classifyResponse(answer, id)];
    if (outcome === outcomeIndex.ok)
      return this.#result((answer as { result: JsonObject }).result, operation);
    if (isJsonObject(answer) && typeof answer['method'] === 'string') {
      this.serverMessage = answer as unknown as ServerMessage;
      return undefined;
    }
    if (this.#stateless && outcome === outcomeIndex.mismatch && asksForInput(answer, id))
      return inputRequired;
    this.message =
      outcome === outcomeIndex.parse
        ? 'the answer is no JSON-RPC 2.0 response'
        : describeResponse(answer, id);
    return outcome;
  }

  #result(result: JsonObject, operation: number): OutcomeIndex {
    if (!this.#isToolCall[operation]) return this.#shape(result, operation);
    if (!Array.isArray(result['content']) && result['structuredContent'] === undefined) {
      this.message = 'the result of tools/call has no content';
      return outcomeIndex.mismatch;
    }
    const broken = this.#checks[operation]?.(result['structuredContent']);
    if (broken === undefined) return outcomeIndex.ok;
    this.message = broken;
    return outcomeIndex.schema;
  }

  #shape(result: JsonObject, operation: number): OutcomeIndex {
    const wrong = this.#shapes[operation]?.(result);
    if (wrong === undefined) return outcomeIndex.ok;
    this.message = `the result ${wrong}`;
    return outcomeIndex.mismatch;
  }
}

function asksForInput(answer: unknown, id: number): boolean {
  if (!isJsonObject(answer) || answer['id'] !== id) return false;
  const { result } = answer;
  return isJsonObject(result) && result['resultType'] === 'input_required';
}

/** Batches answered as arrays (2025-03-26 only): the message with our id, else the first. */
export function fromBatch(messages: unknown[], id: number): unknown {
  return messages.find((message) => isJsonObject(message) && message['id'] === id) ?? messages[0];
}
