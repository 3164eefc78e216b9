import { severities } from '../../core/severities.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { nameOf } from '../message/request-headers.js';
import type { Era, Implementation, RequestId } from '../types.js';
import type { ClientFacts } from './client-facts.js';
import { InputNeeded, isSealed, openAnswers, sealAnswers } from './input-required.js';
import type { Peer } from './peer.js';
import { rpcCodes, RpcError } from './rpc-error.js';
import type { CallContext, InputRequired, LogLevel } from './server-types.js';

/** Where a call's own messages go. @internal */
export interface CallSink {
  /** Sends a notification or request along the call; false where that is impossible. */
  send(message: JsonObject): boolean;
  closeStream(): void;
  /** The call's answer comes later: here is whom to abort when the client goes. */
  begun?(call: ServerCall): void;
}

/** A request as classified. @internal */
export interface IncomingRequest {
  id: RequestId;
  method: string;
  params: JsonObject;
}

const noMeta: JsonObject = Object.freeze({});

/** Which client capability a server-to-client request needs. */
const neededCapabilities: Readonly<Record<string, string>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};

/** One request under way. Most of what it offers is made when asked for: the common handler asks for nothing. @internal */
export class ServerCall implements CallContext {
  readonly peer: Peer;
  readonly facts: ClientFacts;
  readonly requestId: RequestId;
  readonly method: string;
  readonly params: JsonObject;
  readonly #sink: CallSink;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  endedGracefully = false;
  #inputs: Inputs | undefined;

  constructor(peer: Peer, facts: ClientFacts, request: IncomingRequest, sink: CallSink) {
    this.peer = peer;
    this.facts = facts;
    this.requestId = request.id;
    this.method = request.method;
    this.params = request.params;
    this.#sink = sink;
  }

  get era(): Era {
    return this.facts.era;
  }
  get protocolVersion(): string {
    return this.facts.protocolVersion;
  }
  get clientInfo(): Implementation | undefined {
    return this.facts.clientInfo;
  }
  get clientCapabilities(): JsonObject {
    return this.facts.capabilities;
  }
  get sessionId(): string | undefined {
    return this.peer.sessionId;
  }
  get meta(): JsonObject {
    const meta = this.params['_meta'];
    return isJsonObject(meta) ? meta : noMeta;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#abortReason !== undefined;
  }

  abort(reason: string): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = new Error(reason);
    this.#controller?.abort(this.#abortReason);
  }

  /** Calls back when the call is aborted. */
  onEnd(callback: () => void): void {
    this.signal.addEventListener('abort', callback, { once: true });
  }

  /** Ends a call that lasts (a subscription) with its result instead of none. */
  endGracefully(reason: string): void {
    this.endedGracefully = true;
    this.abort(reason);
  }

  progress(progress: number, total?: number, message?: string): void {
    const token = this.meta['progressToken'];
    if (typeof token !== 'string' && typeof token !== 'number') return;
    this.notify('notifications/progress', {
      progressToken: token,
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    });
  }

  log(level: LogLevel, data: JsonObject | string, logger?: string): void {
    const { logLevel } = this.facts;
    if (logLevel === undefined && this.era === 'stateless') return;
    if (logLevel !== undefined && severities.indexOf(level) < severities.indexOf(logLevel)) return;
    this.notify('notifications/message', { level, data, ...(logger !== undefined && { logger }) });
  }

  notify(method: string, params?: JsonObject): void {
    if (this.aborted) return;
    this.#sink.send({ jsonrpc: '2.0', method, ...(params !== undefined && { params }) });
  }

  closeStream(): void {
    this.#sink.closeStream();
  }

  async request(method: string, params: JsonObject): Promise<JsonObject> {
    const capability = neededCapabilities[method];
    if (capability !== undefined && this.facts.capabilities[capability] === undefined) {
      if (this.era === 'session') throw new Error(`The client cannot do ${capability}`);
      throw new RpcError(
        rpcCodes.missingCapability,
        `The client did not declare the capability ${capability}`,
        { requiredCapabilities: { [capability]: {} } },
        400,
      );
    }
    if (this.era === 'session') return this.peer.ask(method, params, this.#sink, this.signal);
    return (this.#inputs ??= new Inputs(this)).ask(method, params);
  }

  get inputResponses(): JsonObject | undefined {
    const responses = this.params['inputResponses'];
    return isJsonObject(responses) ? responses : undefined;
  }

  get requestState(): string | undefined {
    const state = this.params['requestState'];
    return typeof state === 'string' && !isSealed(state) ? state : undefined;
  }

  /** Stateless era: what the client must answer before the call can end; undefined where nothing is open. */
  get inputNeeded(): InputRequired | undefined {
    return this.#inputs?.needed;
  }
}

/** The questions of one stateless call, numbered in the order asked, and the answers that came with it. */
class Inputs {
  readonly #purpose: string;
  readonly #answers: JsonObject;
  readonly #open: Record<string, { method: string; params: JsonObject }> = {};
  #asked = 0;

  constructor(call: ServerCall) {
    this.#purpose = `${call.method}\0${nameOf(call.method, call.params) ?? ''}`;
    const state = call.params['requestState'];
    const earlier = typeof state === 'string' && isSealed(state) ? openAnswers(state, this.#purpose) : {};
    this.#answers = { ...earlier, ...call.inputResponses };
  }

  ask(method: string, params: JsonObject): JsonObject {
    this.#asked++;
    const key = `input-${this.#asked}`;
    const answer = this.#answers[key];
    if (isJsonObject(answer)) return answer;
    this.#open[key] = { method, params };
    throw new InputNeeded();
  }

  get needed(): InputRequired | undefined {
    if (Object.keys(this.#open).length === 0) return undefined;
    return {
      resultType: 'input_required',
      inputRequests: this.#open,
      requestState: sealAnswers(this.#answers, this.#purpose),
    };
  }
}
