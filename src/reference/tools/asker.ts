import type { JsonObject } from '../../core/index.js';
import type { CallContext } from '../../protocol/index.js';
import type { Truth } from '../counting/truth.js';

/** How the server gets asking wrong: answers go to another call, or a refusal ends no call. */
export type AskFault = 'none' | 'mixed' | 'hang';

const capabilities: Readonly<Record<string, string>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};

/** Asks the client on behalf of tools, and counts what was asked and what came back. */
export class Asker {
  readonly #truth: Truth;
  readonly #fault: AskFault;
  /** How often each stateless call has asked in this round. */
  readonly #asked = new WeakMap<CallContext, number>();
  /** With `mixed`: the answer that was meant for the call before. */
  #kept: JsonObject | undefined;

  constructor(truth: Truth, fault: AskFault) {
    this.#truth = truth;
    this.#fault = fault;
  }

  /** @throws what `call.request` throws. */
  async ask(call: CallContext, method: string, params: JsonObject): Promise<JsonObject> {
    const answer =
      call.era === 'session'
        ? await this.#inSession(call, method, params)
        : await this.#inRounds(call, method, params);
    return this.#fault === 'mixed' ? this.#mixed(answer) : answer;
  }

  async #inSession(call: CallContext, method: string, params: JsonObject): Promise<JsonObject> {
    const needed = capabilities[method];
    if (needed === undefined || call.clientCapabilities[needed] !== undefined)
      this.#truth.asked(method, 'sent');
    try {
      const answer = await call.request(method, params);
      this.#truth.asked(method, 'answered');
      return answer;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ClientRefusal') throw error;
      this.#truth.asked(method, 'refused');
      if (this.#fault === 'hang') await new Promise(() => undefined);
      throw error;
    }
  }

  /** The handler runs once a round, from its beginning; only the answers of this round are new. */
  async #inRounds(call: CallContext, method: string, params: JsonObject): Promise<JsonObject> {
    const turn = (this.#asked.get(call) ?? 0) + 1;
    this.#asked.set(call, turn);
    try {
      const answer = await call.request(method, params);
      if (call.inputResponses?.[`input-${turn}`] !== undefined) this.#truth.asked(method, 'answered');
      return answer;
    } catch (error) {
      if (error instanceof Error && error.name === 'InputNeeded') this.#truth.asked(method, 'sent');
      throw error;
    }
  }

  #mixed(answer: JsonObject): JsonObject {
    const other = this.#kept ?? answer;
    this.#kept = answer;
    return other;
  }
}
