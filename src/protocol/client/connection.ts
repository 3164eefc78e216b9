import type { Clock } from '../../core/clock.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { plain } from '../message/classify-response.js';
import { metaOf, statelessMeta } from '../message/request-meta.js';
import { rpcCodes } from '../server/rpc-error.js';
import type {
  CallToolResult,
  CompleteParams,
  CompleteResult,
  ConnectOptions,
  DiscoverResult,
  Era,
  GetPromptResult,
  Implementation,
  McpConnection,
  Prompt,
  ProtocolVersion,
  ReadResourceResult,
  RequestOptions,
  Resource,
  ResourceTemplate,
  Subscription,
  SubscriptionWish,
  Tool,
  WireDiagnostics,
  WireLimits,
} from '../types.js';
import { WireError } from '../wire-error.js';
import type { Agreement } from './agreement.js';
import { IncomingRequests } from './incoming.js';
import { SessionExpired, type Link } from './link.js';
import { listAll, usableTools } from './lists.js';
import { Requests } from './requests.js';

/** What a connection is made of. @internal */
export interface ConnectionParts {
  link: Link;
  options: ConnectOptions;
  clientInfo: Implementation;
  limits: WireLimits;
  clock: Clock;
  timeoutMs: number;
}

/** {@link McpConnection} over any link. It becomes usable when negotiation has set the agreement. @internal */
export class Connection implements McpConnection {
  readonly closed: Promise<{ reason: string }>;
  readonly #parts: ConnectionParts;
  readonly #link: Link;
  readonly #incoming: IncomingRequests;
  readonly #requests: Requests;
  #agreement: Agreement | undefined;
  #schemas: Map<string, JsonObject> | undefined;
  #reopening: Promise<void> | undefined;
  #isClosed = false;
  #resolveClosed!: (end: { reason: string }) => void;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#link = parts.link;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#incoming = new IncomingRequests(parts.options.onRequest, (message) => this.#link.post(message));
    this.#requests = new Requests({
      link: parts.link,
      clock: parts.clock,
      limits: parts.limits,
      incoming: this.#incoming,
      onNotification: parts.options.onNotification,
      onGone: (error) => {
        this.#isClosed = true;
        this.#resolveClosed({ reason: error.message });
      },
    });
  }

  get agreement(): Agreement {
    if (this.#agreement === undefined) throw new Error('nothing was negotiated yet');
    return this.#agreement;
  }

  set agreement(agreement: Agreement) {
    this.#agreement = agreement;
    this.#link.agree(agreement.era, agreement.protocolVersion);
  }

  get era(): Era {
    return this.agreement.era;
  }
  get protocolVersion(): ProtocolVersion {
    return this.agreement.protocolVersion;
  }
  get serverInfo(): Implementation {
    return this.agreement.serverInfo;
  }
  get capabilities(): JsonObject {
    return this.agreement.capabilities;
  }
  get instructions(): string | undefined {
    return this.agreement.instructions;
  }
  get sessionId(): string | undefined {
    return this.#link.sessionId;
  }
  get transport(): Link['kind'] {
    return this.#link.kind;
  }
  get diagnostics(): WireDiagnostics {
    return this.#requests.diagnostics;
  }

  async request(method: string, params: JsonObject = {}, options: RequestOptions = {}): Promise<JsonObject> {
    return await this.#withInput({ method, params }, options);
  }

  async notify(method: string, params: JsonObject = {}): Promise<void> {
    if (this.#isClosed) throw new WireError('the connection is closed', { outcome: 'transport' });
    await this.#link.post({ jsonrpc: '2.0', method, params });
  }

  async listTools(options?: RequestOptions): Promise<Tool[]> {
    const items = await this.#list('tools/list', 'tools', options);
    const marked = this.era === 'stateless' && this.transport === 'http';
    const tools = usableTools(items, marked, this.diagnostics);
    this.#schemas = new Map(tools.map((tool) => [tool.name, tool.inputSchema]));
    return tools;
  }

  async callTool(name: string, args: JsonObject = {}, options: RequestOptions = {}): Promise<CallToolResult> {
    const request = { method: 'tools/call', params: { name, arguments: args } };
    // Arguments may have to travel as headers too, and only the listing says which.
    const marked =
      this.era === 'stateless' && this.transport === 'http' && this.capabilities['tools'] !== undefined;
    if (marked && this.#schemas === undefined) await this.listTools(options);
    const call = () => this.#withInput({ ...request, inputSchema: this.#schemas?.get(name) }, options);
    const result = await call().catch(async (error: unknown) => {
      const stale = error instanceof WireError && error.rpcCode === rpcCodes.headerMismatch;
      if (!marked || !stale) throw error;
      await this.listTools(options);
      return await call();
    });
    const { content } = result;
    if (content !== undefined && !Array.isArray(content)) {
      throw new WireError(`tools/call ${plain(name, 60)} was answered with content that is no list`, {
        outcome: 'mismatch',
      });
    }
    return { ...result, content: (content ?? []) as CallToolResult['content'] };
  }

  async listResources(options?: RequestOptions): Promise<Resource[]> {
    return (await this.#list('resources/list', 'resources', options)) as unknown as Resource[];
  }

  async listResourceTemplates(options?: RequestOptions): Promise<ResourceTemplate[]> {
    const items = await this.#list('resources/templates/list', 'resourceTemplates', options);
    return items as unknown as ResourceTemplate[];
  }

  async readResource(uri: string, options?: RequestOptions): Promise<ReadResourceResult> {
    const result = await this.request('resources/read', { uri }, options);
    return this.#having(result, 'contents', 'resources/read') as unknown as ReadResourceResult;
  }

  async listPrompts(options?: RequestOptions): Promise<Prompt[]> {
    return (await this.#list('prompts/list', 'prompts', options)) as unknown as Prompt[];
  }

  async getPrompt(
    name: string,
    args: Record<string, string> = {},
    options?: RequestOptions,
  ): Promise<GetPromptResult> {
    const result = await this.request('prompts/get', { name, arguments: args }, options);
    return this.#having(result, 'messages', 'prompts/get') as unknown as GetPromptResult;
  }

  async complete(params: CompleteParams, options?: RequestOptions): Promise<CompleteResult> {
    const result = await this.request('completion/complete', params as unknown as JsonObject, options);
    if (!isJsonObject(result['completion'])) {
      throw new WireError("completion/complete was answered without 'completion'", { outcome: 'mismatch' });
    }
    return result as unknown as CompleteResult;
  }

  async ping(options?: RequestOptions): Promise<void> {
    await this.request(this.era === 'session' ? 'ping' : 'server/discover', {}, options);
  }

  async discover(options?: RequestOptions): Promise<DiscoverResult> {
    return (await this.request('server/discover', {}, options)) as unknown as DiscoverResult;
  }

  subscribe(wish: SubscriptionWish): Subscription {
    const controller = new AbortController();
    const stopped = new Error('the subscription was closed');
    const options = { timeoutMs: Infinity, signal: controller.signal };
    const ended = this.request('subscriptions/listen', { notifications: { ...wish } }, options).then(
      () => undefined,
      (error: unknown) => {
        if (error !== stopped) throw error;
      },
    );
    // Whoever does not ask how it ended must not be ended by it.
    ended.catch(() => undefined);
    return {
      ended,
      close: () => {
        controller.abort(stopped);
      },
    };
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#requests.gone(new WireError('the connection was closed', { outcome: 'transport' }));
    }
    await this.#link.close();
    this.#resolveClosed({ reason: 'the connection was closed' });
  }

  /**
   * One request as it is, with what the era adds to it; for negotiation, too.
   *
   * @internal
   */
  async exchange(
    request: { method: string; params: JsonObject; inputSchema?: JsonObject | undefined },
    options: RequestOptions & { timeoutMs: number },
    era: Era = this.era,
  ): Promise<JsonObject> {
    if (era === 'session') return await this.#requests.call(request, options);
    const identity = {
      protocolVersion: this.#agreement?.protocolVersion ?? '2026-07-28',
      capabilities: this.#parts.options.capabilities ?? {},
      clientInfo: this.#parts.clientInfo,
    };
    const _meta = statelessMeta(identity, metaOf(request.params));
    return await this.#requests.call({ ...request, params: { ...request.params, _meta } }, options);
  }

  /** How to open a session again; set by negotiation. @internal */
  reopen: (() => Promise<void>) | undefined;

  /** A request, its session opened again once where it expired. */
  async #inSession(
    request: { method: string; params: JsonObject; inputSchema?: JsonObject | undefined },
    options: RequestOptions & { timeoutMs: number },
  ): Promise<JsonObject> {
    await this.#reopening;
    try {
      return await this.exchange(request, options);
    } catch (error) {
      if (!(error instanceof SessionExpired)) throw error;
      if (this.#link.sessionId === error.sessionId && this.reopen !== undefined) {
        this.#reopening ??= this.reopen().finally(() => {
          this.#reopening = undefined;
        });
      }
      await this.#reopening;
      return await this.exchange(request, options).catch((again: unknown) => {
        throw again instanceof SessionExpired ? again.failure : again;
      });
    }
  }

  /** A request whose result may ask for input first (MRTR): asked again, with a new id, until it is complete. */
  async #withInput(
    request: { method: string; params: JsonObject; inputSchema?: JsonObject | undefined },
    options: RequestOptions,
  ): Promise<JsonObject> {
    const { clock, limits } = this.#parts;
    const timeoutMs = options.timeoutMs ?? this.#parts.timeoutMs;
    const deadline = clock.now() + timeoutMs;
    let extra: JsonObject = {};
    for (let round = 0; round <= limits.maxRounds; round++) {
      const left = deadline - clock.now();
      if (left <= 0) {
        throw new WireError(`no answer to ${request.method} within ${timeoutMs} ms`, { outcome: 'timeout' });
      }
      const asked = { ...request, params: { ...request.params, ...extra } };
      const result = await this.#inSession(asked, { ...options, timeoutMs: round === 0 ? timeoutMs : left });
      const { resultType } = result;
      if (resultType === undefined || resultType === 'complete') return result;
      if (typeof resultType === 'string' && options.resultTypes?.includes(resultType) === true) return result;
      if (resultType !== 'input_required' || this.era === 'session') {
        const words = plain(JSON.stringify(resultType), 60);
        throw new WireError(`${request.method} was answered with a result of type ${words}`, {
          outcome: 'mismatch',
        });
      }
      extra = await this.#answerInputs(request.method, result, options.signal);
    }
    throw new WireError(`${request.method} asked for input more than ${limits.maxRounds} times`, {
      outcome: 'mismatch',
    });
  }

  async #answerInputs(
    method: string,
    result: JsonObject,
    signal: AbortSignal | undefined,
  ): Promise<JsonObject> {
    const { inputRequests, requestState } = result;
    const state: JsonObject = typeof requestState === 'string' ? { requestState } : {};
    if (inputRequests === undefined) return state;
    const asked = isJsonObject(inputRequests) ? Object.entries(inputRequests) : [];
    if (asked.length > 0 && !this.#incoming.hasHandler) {
      const methods = asked.map(([, each]) => (isJsonObject(each) ? String(each['method']) : '?')).join(', ');
      throw new WireError(`${method} asks for input (${plain(methods, 100)}), and this client gives none`, {
        outcome: 'mismatch',
      });
    }
    const inputResponses: JsonObject = {};
    const never = new AbortController().signal;
    for (const [key, each] of asked) {
      const name = isJsonObject(each) ? each['method'] : undefined;
      if (!isJsonObject(each) || typeof name !== 'string') {
        throw new WireError(`${method} asks for input '${plain(key, 60)}' without a method`, {
          outcome: 'mismatch',
        });
      }
      const params = isJsonObject(each['params']) ? each['params'] : {};
      inputResponses[key] = await this.#incoming.run(name, params, signal ?? never);
    }
    return { inputResponses, ...state };
  }

  #list(method: string, member: string, options?: RequestOptions): Promise<JsonObject[]> {
    return listAll((params) => this.request(method, params, options), method, member, this.#parts.limits);
  }

  #having(result: JsonObject, member: string, method: string): JsonObject {
    if (Array.isArray(result[member])) return result;
    throw new WireError(`${method} was answered without '${member}'`, { outcome: 'mismatch' });
  }
}
