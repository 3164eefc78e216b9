import type { Clock } from '../../core/clock.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { ScriptedReply } from '../../plan/config/index.js';
import { plain } from '../../protocol/message/classify-response.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import { furtherTemplate, type CallTemplate } from '../lanes/call-template.js';
import type { Lane, OutcomeIndex } from '../lanes/lane.js';
import { resultOf } from '../lanes/side-channel.js';
import type { AskRecorder } from './ask-recorder.js';
import { afterAtLeast } from './at-least.js';
import type { AskingCalls } from './call-asks.js';
import type { ReplyScript } from './reply-script.js';

/** Rounds of input in a row after which a call is given up; connections have the same limit. */
export const mostRounds = 16;
/** Requests of one round that are answered. */
const mostInputs = 100;

/** What rounds of input need. */
export interface InputRoundsParts {
  recorder: AskRecorder;
  clock: Clock;
  script: ReplyScript;
  calls: AskingCalls;
  /** Of each call, ms. */
  timeoutMs: number;
}

/**
 * Goes on with calls whose result asks for input (MRTR, 2026-07-28): the same request again on the same lane, with a new id,
 * the answers of the script, and the `requestState` as it came. The call's time and time limit cover all rounds.
 */
export class InputRounds {
  readonly #parts: InputRoundsParts;
  /** Of calls under way. */
  readonly #first = new WeakMap<Lane, { sentMs: number; template: CallTemplate }>();
  readonly #timers = new Set<() => void>();

  constructor(parts: InputRoundsParts) {
    this.#parts = parts;
  }

  /** Takes the lane's `input_required`; undefined where the call goes on, else the outcome, with the lane's message set. */
  next(lane: Lane): OutcomeIndex | undefined {
    const { calls, clock, recorder, timeoutMs } = this.#parts;
    const call = calls.of(lane);
    if (call.rounds >= mostRounds) {
      lane.message = `the server asked for input in ${mostRounds} rounds of one call and asks again; mcp-dyno stops there`;
      return outcomeIndex.mismatch;
    }
    const asked = inputsOf(lane.response);
    if ('fault' in asked) {
      lane.message = asked.fault;
      return outcomeIndex.mismatch;
    }
    call.rounds++;
    const arrivedMs = clock.now();
    const answered = this.#answers(asked.inputs);
    if ('outcome' in answered) {
      lane.message = answered.message;
      return answered.outcome;
    }
    const more: JsonObject = {
      ...(asked.asks ? { inputResponses: answered.responses } : {}),
      ...(asked.state === undefined ? {} : { requestState: asked.state }),
    };
    const { sentMs } = call;
    const template = furtherTemplate(this.#firstOf(lane), more);
    calls.begin(lane, arrivedMs);
    const send = () => {
      const now = clock.now();
      if (!lane.busy || lane.sentMs !== sentMs) return;
      for (const { method } of asked.inputs) {
        recorder.count(method, 'answered');
        recorder.answered(now - arrivedMs);
      }
      calls.end(lane, sentMs, now);
      lane.template = template;
      // A stream that stays open after its answer shortens the deadline; the call as a whole keeps its own.
      lane.deadlineMs = sentMs + timeoutMs;
      lane.endMs = 0;
      lane.send();
    };
    if (answered.delayMs === 0) send();
    else this.#after(answered.delayMs, send);
    return undefined;
  }

  /** No further rounds. */
  end(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #firstOf(lane: Lane): CallTemplate {
    const known = this.#first.get(lane);
    if (known?.sentMs === lane.sentMs) return known.template;
    this.#first.set(lane, { sentMs: lane.sentMs, template: lane.template });
    return lane.template;
  }

  /** What is asked at once is answered at once: the longest delay holds. */
  #answers(
    inputs: readonly Input[],
  ): { responses: JsonObject; delayMs: number } | { outcome: OutcomeIndex; message: string } {
    const { recorder, script } = this.#parts;
    const responses: [string, JsonObject][] = [];
    let delayMs = 0;
    let refused: { method: string; reply: ScriptedReply | undefined } | undefined;
    for (const { key, method } of inputs) {
      recorder.count(method, 'received');
      const reply = script.next(method);
      if (reply === undefined || 'error' in reply) {
        recorder.count(method, 'refused');
        refused ??= { method, reply };
      } else {
        responses.push([key, reply.result]);
        delayMs = Math.max(delayMs, reply.delayMs);
      }
    }
    // Keys are the server's words: made from entries, even `__proto__` is one like any other.
    return refused === undefined
      ? { responses: Object.fromEntries(responses), delayMs }
      : refusedInput(refused);
  }

  #after(ms: number, callback: () => void): void {
    const cancel = afterAtLeast(this.#parts.clock, ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }
}

interface Input {
  key: string;
  method: string;
}

interface Inputs {
  /** Whether there were `inputRequests` at all; without them the call is only to be made again. */
  asks: boolean;
  inputs: Input[];
  state: string | undefined;
}

function inputsOf(text: string): Inputs | { fault: string } {
  const answer = resultOf(text);
  if ('fault' in answer) return answer;
  const { inputRequests, requestState } = answer.result;
  const state = typeof requestState === 'string' ? requestState : undefined;
  if (inputRequests === undefined && state !== undefined) return { asks: false, inputs: [], state };
  if (!isJsonObject(inputRequests)) {
    return { fault: "the result asks for input, but has neither 'inputRequests' nor a 'requestState'" };
  }
  const entries = Object.entries(inputRequests);
  if (entries.length > mostInputs) {
    return { fault: `the server asked for ${entries.length} inputs at once; ${mostInputs} are answered` };
  }
  const inputs: Input[] = [];
  for (const [key, each] of entries) {
    const method = isJsonObject(each) ? each['method'] : undefined;
    if (typeof method !== 'string')
      return { fault: `the result asks for input '${plain(key, 60)}' without a method` };
    inputs.push({ key, method });
  }
  return { asks: true, inputs, state };
}

/** In the stateless era an answer can only be a result: who will not give it cannot go on with the call. */
function refusedInput({ method, reply }: { method: string; reply: ScriptedReply | undefined }): {
  outcome: OutcomeIndex;
  message: string;
} {
  const what = `the call asks for ${plain(method, 60)}`;
  if (reply !== undefined && 'error' in reply) {
    const { code, message } = reply.error;
    return {
      outcome: outcomeIndex.rpc,
      message: `${what}, which the script refuses (${code}: ${plain(message, 100)})`,
    };
  }
  return {
    outcome: outcomeIndex.mismatch,
    message: `${what}, for which there is no script and which was not offered to the server`,
  };
}
