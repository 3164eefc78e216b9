import type { JsonObject } from '../../core/json.js';
import type { Implementation, Prompt, Resource, ResourceTemplate, Tool } from '../types.js';
import { compileArgumentsCheck, type ArgumentsCheck } from './arguments-check.js';
import type { Peer } from './peer.js';
import type {
  CompletionHandler,
  McpServerOptions,
  MethodHandler,
  PromptHandler,
  ResourceHandler,
  ToolDefinition,
  ToolHandler,
} from './server-types.js';
import { compileTemplate, type TemplateMatcher } from './uri-template.js';

const unchecked: ArgumentsCheck = () => undefined;

/** What happens to a server's registrations or resources. */
export type ServerChange =
  | { kind: 'tools' }
  | { kind: 'resources' }
  | { kind: 'prompts' }
  | { kind: 'resource'; uri: string; meta?: JsonObject };

/** @internal */
export interface RegisteredTool {
  listed: Tool;
  check: ArgumentsCheck;
  handler: ToolHandler;
}

/** @internal */
export interface RegisteredTemplate {
  listed: ResourceTemplate;
  match: TemplateMatcher;
  handler: ResourceHandler;
}

/**
 * An MCP server that knows no transport and no era: the same tools answer all of them. One server may be served on any
 * number of transports at once.
 *
 * @example
 * ```ts
 * const server = new McpServer({ name: 'demo', version: '1.0.0' });
 * server.tool({ name: 'echo', annotations: { readOnlyHint: true } }, ({ message }) => String(message));
 * const { url, close } = await serveHttp(server);
 * ```
 */
export class McpServer {
  readonly info: Implementation;
  readonly options: McpServerOptions;
  /** @internal */
  readonly tools = new Map<string, RegisteredTool>();
  /** @internal */
  readonly resources = new Map<string, { listed: Resource; handler: ResourceHandler }>();
  /** @internal */
  readonly templates = new Map<string, RegisteredTemplate>();
  /** @internal */
  readonly prompts = new Map<string, { listed: Prompt; handler: PromptHandler }>();
  /** @internal */
  readonly methods = new Map<string, MethodHandler>();
  /** @internal */
  completionHandler: CompletionHandler | undefined;
  /** @internal Sessions of the session era that are told of changes. */
  readonly peers = new Set<Peer>();
  readonly #listeners = new Set<(change: ServerChange) => void>();

  constructor(options: McpServerOptions) {
    this.options = options;
    const { name, version, title } = options;
    this.info = { name, version, ...(title !== undefined && { title }) };
  }

  /** Registers (or replaces) a tool; clients that listen are told. */
  tool(definition: ToolDefinition, handler: ToolHandler): this {
    const listed: Tool = { ...definition, inputSchema: definition.inputSchema ?? { type: 'object' } };
    const check =
      this.options.checkArguments === false ? unchecked : compileArgumentsCheck(listed.inputSchema);
    this.tools.set(definition.name, { listed, check, handler });
    return this.#changed({ kind: 'tools' });
  }

  removeTool(name: string): boolean {
    const removed = this.tools.delete(name);
    if (removed) this.#changed({ kind: 'tools' });
    return removed;
  }

  resource(definition: Resource, handler: ResourceHandler): this {
    this.resources.set(definition.uri, { listed: definition, handler });
    return this.#changed({ kind: 'resources' });
  }

  removeResource(uri: string): boolean {
    const removed = this.resources.delete(uri);
    if (removed) this.#changed({ kind: 'resources' });
    return removed;
  }

  /** A family of resources by URI template; `{name}` matches within a path segment, `{+name}` across. */
  resourceTemplate(definition: ResourceTemplate, handler: ResourceHandler): this {
    const match = compileTemplate(definition.uriTemplate);
    this.templates.set(definition.uriTemplate, { listed: definition, match, handler });
    return this.#changed({ kind: 'resources' });
  }

  prompt(definition: Prompt, handler: PromptHandler): this {
    this.prompts.set(definition.name, { listed: definition, handler });
    return this.#changed({ kind: 'prompts' });
  }

  removePrompt(name: string): boolean {
    const removed = this.prompts.delete(name);
    if (removed) this.#changed({ kind: 'prompts' });
    return removed;
  }

  completion(handler: CompletionHandler): this {
    this.completionHandler = handler;
    return this;
  }

  /** Answers a method in place of the built-in handling, or a method that has none. */
  onRequest(method: string, handler: MethodHandler): this {
    this.methods.set(method, handler);
    return this;
  }

  /** Tells subscribed clients that a resource changed; `meta` becomes the notification's `_meta`. */
  resourceUpdated(uri: string, meta?: JsonObject): void {
    this.#changed({ kind: 'resource', uri, ...(meta === undefined ? {} : { meta }) });
  }

  /** What the server can do, from what is registered and the `capabilities` given. */
  get capabilities(): JsonObject {
    const hasResources = this.resources.size + this.templates.size > 0;
    return {
      logging: {},
      ...(this.tools.size > 0 && { tools: { listChanged: true } }),
      ...(hasResources && { resources: { subscribe: true, listChanged: true } }),
      ...(this.prompts.size > 0 && { prompts: { listChanged: true } }),
      ...(this.completionHandler !== undefined && { completions: {} }),
      ...this.options.capabilities,
    };
  }

  /** @internal Hears of changes until the returned function is called. */
  onChange(listener: (change: ServerChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(change: ServerChange): this {
    for (const peer of this.peers) peer.changed(change);
    for (const listener of this.#listeners) listener(change);
    return this;
  }
}
