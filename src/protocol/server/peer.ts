import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { ClassifiedMessage } from '../message/json-rpc.js';
import { metaKeys } from '../message/request-meta.js';
import type { RequestId } from '../types.js';
import { errorAnswer, resultAnswer, type Answer } from './answer.js';
import { ServerCall, type CallSink, type IncomingRequest } from './call.js';
import { readImplementation, sessionVersions, type ClientFacts } from './client-facts.js';
import { InputNeeded } from './input-required.js';
import type { McpServer, ServerChange } from './mcp-server.js';
import { cacheable, dispatch, initializeResult } from './methods.js';
import { ClientRefusal } from './rpc-error.js';

interface Asked {
  resolve(result: JsonObject): void;
  reject(error: Error): void;
}

/** Settings of a peer. @internal */
export interface PeerOptions {
  sessionId?: string;
  /** Sends what belongs to no call; undefined where there is no way. */
  push?: (message: JsonObject) => void;
  /** False where an answer of the client cannot find its way back (HTTP without sessions). */
  canAsk?: boolean;
  /** Stands for many clients, whose request ids may be the same: nothing is kept by id. */
  shared?: boolean;
}

/** The other side of a server: one session, one pipe, or (stateless) whoever sent this request. @internal */
export class Peer {
  readonly server: McpServer;
  readonly sessionId: string | undefined;
  /** URIs of `resources/subscribe`. */
  readonly subscriptions = new Set<string>();
  facts: ClientFacts;
  readonly #options: PeerOptions;
  readonly #calls = new Map<RequestId, ServerCall>();
  readonly #asked = new Map<RequestId, Asked>();
  #nextId = 0;

  constructor(server: McpServer, facts: ClientFacts, options: PeerOptions = {}) {
    this.server = server;
    this.facts = facts;
    this.sessionId = options.sessionId;
    this.#options = options;
  }

  /** Calls without an answer yet. */
  get busy(): boolean {
    return this.#calls.size > 0;
  }

  /**
   * Answers a request: at once where the handler did, else later; undefined where it was cancelled, which MCP leaves
   * without an answer.
   */
  answer(
    request: IncomingRequest,
    sink: CallSink,
    facts: ClientFacts = this.facts,
  ): Answer | Promise<Answer | undefined> {
    if (request.method === 'initialize' && facts.era === 'session') return this.#initialize(request);
    const call = new ServerCall(this, facts, request, sink);
    let result: object | Promise<object>;
    try {
      result = dispatch(this.server, call);
    } catch (error) {
      return this.#failed(call, error);
    }
    if (!(result instanceof Promise)) return this.#done(call, result);
    if (this.#options.shared !== true) this.#calls.set(request.id, call);
    sink.begun?.(call);
    return result.then(
      (value) => this.#settled(call, () => this.#done(call, value)),
      (error: unknown) => this.#settled(call, () => this.#failed(call, error)),
    );
  }

  /** Takes a notification of the client. */
  heard(method: string, params: JsonObject): void {
    if (method === 'notifications/cancelled') {
      const { requestId, reason } = params;
      this.cancel(requestId as RequestId, typeof reason === 'string' ? reason : 'cancelled by the client');
    } else if (method === 'notifications/initialized' && this.#options.push !== undefined) {
      this.server.peers.add(this);
    }
  }

  /** Ends one call: its signal is aborted and it will not be answered. */
  cancel(id: RequestId, reason: string): void {
    this.#calls.get(id)?.abort(reason);
  }

  /** Takes the client's answer to a request of ours. */
  answered(message: Extract<ClassifiedMessage, { kind: 'result' | 'error' }>): void {
    const asked = message.id === null ? undefined : this.#asked.get(message.id);
    if (asked === undefined) return;
    this.#asked.delete(message.id!);
    if (message.kind === 'result') asked.resolve(message.result);
    else {
      const { code, message: text, data } = message.error;
      asked.reject(new ClientRefusal(code, text, data));
    }
  }

  /** Asks the client, along a call. */
  ask(method: string, params: JsonObject, sink: CallSink, signal: AbortSignal): Promise<JsonObject> {
    if (this.#options.canAsk === false) {
      return Promise.reject(new Error('The client cannot be asked: there is no session to carry its answer'));
    }
    const id = `ask-${++this.#nextId}`;
    return new Promise<JsonObject>((resolve, reject) => {
      const abort = () => {
        this.#asked.delete(id);
        reject(signal.reason as Error);
      };
      if (signal.aborted) {
        abort();
        return;
      }
      const release = () => {
        signal.removeEventListener('abort', abort);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#asked.set(id, {
        resolve: (result) => {
          release();
          resolve(result);
        },
        reject: (error) => {
          release();
          reject(error);
        },
      });
      if (!this.#sendAsk({ jsonrpc: '2.0', id, method, params }, sink)) {
        this.#asked
          .get(id)
          ?.reject(new Error('The client cannot be asked: answers are JSON without a stream'));
        this.#asked.delete(id);
      }
    });
  }

  /** Along the call, or outside of it where the server is told so and there is a way. */
  #sendAsk(message: JsonObject, sink: CallSink): boolean {
    const { push } = this.#options;
    if (this.server.options.askOn !== 'session' || push === undefined) return sink.send(message);
    push(message);
    return true;
  }

  /** Passes a change on to a client of the session era. */
  changed(change: ServerChange): void {
    const { push } = this.#options;
    if (push === undefined) return;
    if (change.kind !== 'resource') {
      push({ jsonrpc: '2.0', method: `notifications/${change.kind}/list_changed` });
    } else if (this.subscriptions.has(change.uri)) {
      const { uri, meta } = change;
      const params = { uri, ...(meta !== undefined && { _meta: meta }) };
      push({ jsonrpc: '2.0', method: 'notifications/resources/updated', params });
    }
  }

  /** The other side is gone: calls are aborted, questions fail. */
  end(reason: string): void {
    this.server.peers.delete(this);
    for (const call of this.#calls.values()) call.abort(reason);
    for (const asked of this.#asked.values()) asked.reject(new Error(reason));
    this.#asked.clear();
  }

  #initialize(request: IncomingRequest): Answer {
    const { protocolVersion, capabilities, clientInfo } = request.params;
    const served = this.server.options.sessionVersions ?? sessionVersions;
    const agreed = served.includes(protocolVersion as string) ? (protocolVersion as string) : served.at(-1)!;
    const facts: ClientFacts = {
      era: 'session',
      protocolVersion: agreed,
      clientInfo: readImplementation(clientInfo),
      capabilities: isJsonObject(capabilities) ? capabilities : {},
      logLevel: undefined,
    };
    if (this.#options.shared !== true) this.facts = facts;
    return resultAnswer(request.id, initializeResult(this.server, agreed));
  }

  #settled(call: ServerCall, answer: () => Answer): Answer | undefined {
    if (this.#calls.get(call.requestId) === call) this.#calls.delete(call.requestId);
    const unwanted = call.aborted && !call.endedGracefully && this.server.options.answerCancelled !== true;
    return unwanted ? undefined : answer();
  }

  #done(call: ServerCall, result: object): Answer {
    if (call.era === 'session') return resultAnswer(call.requestId, result);
    return resultAnswer(call.requestId, this.#stamp(call.method, call.inputNeeded ?? result));
  }

  #failed(call: ServerCall, error: unknown): Answer {
    if (error instanceof InputNeeded && call.inputNeeded !== undefined) {
      return resultAnswer(call.requestId, this.#stamp(call.method, call.inputNeeded));
    }
    return errorAnswer(call.requestId, error);
  }

  /** What every result of the stateless era carries. */
  #stamp(method: string, result: object): object {
    const { resultType = 'complete', _meta } = result as { resultType?: string; _meta?: JsonObject };
    const ours = { resultType, _meta: Object.assign({}, _meta, { [metaKeys.serverInfo]: this.server.info }) };
    // Not `{ ...result }`: Node 20 keeps what that copies until its next full collection, 350 bytes a call.
    const stamped = Object.assign({}, result, ours);
    if (resultType !== 'complete' || !cacheable.has(method)) return stamped;
    const { ttlMs = 0, cacheScope = 'private' } = this.server.options;
    return { ttlMs, cacheScope, ...stamped };
  }
}
