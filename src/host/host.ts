import { backgroundClock, sleep, type Clock } from '../core/clock.js';
import { DynoError, messageOf, usageError } from '../core/errors.js';
import { exitCodes } from '../core/exit-code.js';
import type { JsonObject } from '../core/json.js';
import { parseDuration } from '../core/units.js';
import { WireError, type CallToolResult, type Progress } from '../protocol/index.js';
import { readMcpConfig } from '../target/index.js';
import { ToolBinder, type BindingRequest, type ToolBinding } from './binding/index.js';
import { McpClient, type ServerStatus, type ServerTarget } from './client/index.js';
import {
  ToolDiscovery,
  type SearchOptions,
  type SourceStatus,
  type ToolHit,
  type ToolRecord,
} from './discovery/index.js';
import { InvalidArguments, InvalidResult, notRunnable } from './host-errors.js';
import type { HostConfigOptions, HostOptions, HostServers } from './host-options.js';
import { Monitoring } from './monitoring/index.js';
import { ServiceRegistry } from './registry/index.js';
import { RegistryLink } from './registry-link.js';
import { checkReplicas, ReplicaSource } from './replica-source.js';
import { ToolRouter, type AttemptReport, type RoutingResult, type RoutingStrategy } from './routing/index.js';
import { shown } from './shown.js';
import { ToolValidator } from './validation/index.js';

/** How a call is made. */
export interface HostCallOptions {
  /** The deadline for all attempts, such as `2s`. */
  timeout?: string | undefined;
  /** The same in milliseconds; 30,000. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** The session or principal whose calls should stay on one replica. */
  affinity?: string | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** What a call came to. */
export interface HostCall {
  tool: ToolRecord;
  arguments: JsonObject;
  /** Valid by the tool's `outputSchema`, where it has one; `isError` is the tool's own word. */
  result: CallToolResult;
  /** The server that answered. */
  server: string;
  attempts: readonly AttemptReport[];
  durationMs: number;
}

/** What `Host.run` is asked. */
export interface RunRequest extends BindingRequest {
  /** True lets it call a tool that is not marked read-only; such a tool may change things. False unless given. */
  writes?: boolean | undefined;
}

/** What `Host.run` came to. */
export interface HostRun extends HostCall {
  /** How the tool was chosen and its arguments filled. */
  binding: ToolBinding;
}

/** Anything that names a tool: a hit, a record, a binding, or an id such as `files/read_file`. */
export type ToolReference = ToolHit | ToolRecord | ToolBinding | string;

/**
 * Many MCP servers as one catalogue: searched, bound, validated, routed, called and watched.
 *
 * @example
 * ```ts
 * const host = await Host.fromConfig('mcp.json');
 * const [hit] = await host.search('stock level of an item');
 * const { result } = await host.call(hit, { item: 'bolt' }, { timeout: '2s' });
 * const answer = await host.run({ query: 'weather in Oslo', entities: { city: 'Oslo' } });
 * await host.close();
 * ```
 */
export class Host {
  readonly client: McpClient;
  readonly registry: ServiceRegistry;
  readonly discovery: ToolDiscovery;
  readonly binder: ToolBinder;
  readonly router: ToolRouter;
  readonly validator: ToolValidator;
  readonly monitoring: Monitoring;
  readonly #clock: Clock;
  readonly #options: HostOptions;
  readonly #link: RegistryLink;
  readonly #replicas: ReadonlyMap<string, readonly string[]>;
  readonly #faults: { name: string; error: string }[] = [];
  #closing: Promise<void> | undefined;

  private constructor(registry: ServiceRegistry, options: HostServers) {
    const { clock = backgroundClock, random } = options;
    const shared = { clock, ...(random !== undefined && { random }) };
    this.#options = options;
    this.#clock = clock;
    this.registry = registry;
    this.#replicas = new Map(Object.entries(options.replicas ?? {}));
    this.client = new McpClient({ ...shared, ...options.client });
    this.discovery = new ToolDiscovery({ ...shared, ...options.discovery });
    this.validator = new ToolValidator({ level: options.level });
    this.monitoring = new Monitoring({ clock, ...options.monitoring });
    this.router = new ToolRouter({
      ...shared,
      ...options.router,
      invoke: ({ server, tool, args, ...how }) => this.client.callTool(server, tool, args, how),
      probe: (server, signal) => this.client.probe(server, signal),
    });
    this.binder = new ToolBinder({
      ...shared,
      discovery: this.discovery,
      validator: this.validator,
      call: async ({ tool, arguments: args, agentId, timeoutMs, signal }) => {
        const { result } = await this.#invoke(tool, args, { timeoutMs, signal, affinity: agentId });
        return result;
      },
    });
    this.#link = new RegistryLink(this.client, registry, this.router);
    this.monitoring.observeRegistry(registry);
    this.discovery.onChange(({ added, changed, removed }) => {
      for (const id of removed) this.router.removeTool(id);
      for (const id of [...added, ...changed]) this.#routeTo(id);
    });
  }

  /**
   * Opens a host over the servers of an mcp.json (Claude, Cursor, VS Code). A server that cannot be reached, or whose entry
   * is wrong, does not keep the others from being used: see {@link status}.
   *
   * @throws DynoError (104) when the file cannot be read, names no server, or has none of the wanted names
   */
  static async fromConfig(file: string, options: HostConfigOptions = {}): Promise<Host> {
    const config = readMcpConfig(file, options);
    const { servers: wanted } = options;
    for (const name of wanted ?? []) {
      if (!config.servers.some((server) => server.name === name)) {
        const names = config.servers.map((server) => shown(server.name)).join(', ');
        throw usageError(`There is no server ${shown(name)} in ${file}; there is ${names || 'none'}`);
      }
    }
    const chosen = config.servers.filter((server) =>
      wanted === undefined ? !server.disabled : wanted.includes(server.name),
    );
    if (chosen.length === 0) throw usageError(`${file} names no server that is not disabled`);
    const servers: Record<string, ServerTarget> = {};
    const faults: { name: string; error: string }[] = [];
    for (const server of chosen) {
      try {
        servers[server.name] = server.target();
      } catch (error) {
        if (chosen.length === 1) throw error;
        faults.push({ name: server.name, error: messageOf(error) });
      }
    }
    const host = await Host.open({ ...options, servers });
    host.#faults.push(...faults);
    return host;
  }

  /**
   * Opens a host over servers by name. Resolves when each server has listed its tools, failed, or run late.
   *
   * @throws DynoError (104) for a wrong option
   */
  static async open(options: HostServers): Promise<Host> {
    checkReplicas(options);
    const registry = await ServiceRegistry.open({
      ...(options.clock !== undefined && { clock: options.clock }),
      ...(options.store !== undefined && { store: options.store }),
    });
    const host = new Host(registry, options);
    try {
      await host.#start(options);
      return host;
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** The tools that fit what a user says, best first. */
  search(query: string, options?: SearchOptions): Promise<ToolHit[]> {
    return this.discovery.searchTools(query, options);
  }

  /** The tools for what an agent wants, with their arguments filled in. */
  bind(request: BindingRequest): Promise<ToolBinding[]> {
    return this.binder.bindTools(request);
  }

  /** Which of some tools are best to call now, on which replica, and why. */
  route(
    hits: readonly ToolHit[],
    options: { strategy?: RoutingStrategy; maxTools?: number; affinity?: string; readOnly?: boolean } = {},
  ): RoutingResult {
    const { strategy = this.#options.strategy ?? 'balanced', maxTools, ...context } = options;
    const candidates = hits.map(({ record, score }) => ({ id: record.id, relevance: score }));
    return this.router.routeTools({ ...context, candidates }, strategy, maxTools);
  }

  /**
   * Calls a tool: arguments validated first, on the replica that will answer best, the result validated after.
   *
   * @throws InvalidArguments before, InvalidResult after the call; WireError when it fails; DynoError when the tool is not
   *   known or cannot be called now
   */
  async call(tool: ToolReference, args: JsonObject = {}, options: HostCallOptions = {}): Promise<HostCall> {
    const record = this.#recordOf(tool);
    const checked = this.validator.validateInput(record.tool, args);
    if (!checked.valid) throw new InvalidArguments(record.label, checked);
    const started = this.#clock.now();
    const observe = (ok: boolean) => {
      this.discovery.recordCall(record.id, { ok, latencyMs: this.#clock.now() - started });
    };
    try {
      const call = await this.#invoke(record, args, options);
      observe(call.result.isError !== true);
      return call;
    } catch (error) {
      if (options.signal?.aborted !== true) observe(false);
      throw error;
    }
  }

  /**
   * Does what a user asks for: finds the tool, fills in its arguments, calls it. Only tools that are marked read-only are
   * called, unless `writes` allows others.
   *
   * @throws DynoError `no-tool` when nothing fits, `missing-arguments` when what is needed was not given, `not-read-only`;
   *   and whatever {@link call} throws
   */
  async run(request: RunRequest, options: HostCallOptions = {}): Promise<HostRun> {
    const bindings = await this.binder.bindTools(request);
    const [best] = bindings;
    if (best === undefined) {
      throw new DynoError(`No tool fits ${shown(request.query)}`, {
        code: 'no-tool',
        hint: `${this.discovery.size} tools are known; say it in other words, or connect a server that can do it.`,
        exitCode: exitCodes.failed,
      });
    }
    const binding = bindings.find((one) => one.ready && (request.writes === true || one.tool.readOnly));
    if (binding === undefined) throw notRunnable(bindings, request);
    const call = await this.call(binding, binding.arguments, {
      affinity: request.agentId,
      ...options,
    });
    return { ...call, binding };
  }

  /** How every server and its list of tools is doing. */
  status(): { servers: ServerStatus[]; sources: SourceStatus[]; faults: { name: string; error: string }[] } {
    return { servers: this.client.servers(), sources: this.discovery.status(), faults: [...this.#faults] };
  }

  /** Ends everything: calls, connections, the processes that were started. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.binder.close();
    this.discovery.close();
    this.router.close();
    await this.client.close();
    await this.#link.close();
    await this.registry.close().catch(() => undefined);
    await this.monitoring.close();
  }

  async #start({ servers, startTimeoutMs = 30_000 }: HostServers): Promise<void> {
    const grouped = new Set([...this.#replicas.values()].flat());
    const connected = Object.entries(servers).map(async ([name, target]) => {
      const tags = this.#options.tags?.[name];
      await this.#link.add(name, target, tags);
      await this.client.connectServer(name, target, { keepTrying: true, tags });
    });
    const sources = Object.keys(servers).map(async (name, index) => {
      if (grouped.has(name)) return;
      await connected[index];
      await this.discovery.addSource(this.client.toolSource(name));
    });
    const groups = [...this.#replicas].map(async ([name, members]) => {
      await Promise.all(members.map((member) => connected[Object.keys(servers).indexOf(member)]));
      const listed = members.map((member) => this.client.toolSource(member));
      await this.discovery.addSource(new ReplicaSource(name, listed, this.#options.tags?.[name]));
    });
    const late = new AbortController();
    await Promise.race([
      Promise.all([...sources, ...groups]),
      sleep(startTimeoutMs, this.#clock, late.signal).catch(() => undefined),
    ]).finally(() => {
      late.abort();
    });
  }

  #routeTo(id: string): void {
    const record = this.discovery.get(id);
    if (record === undefined) return;
    const { usage } = record;
    this.router.setTool({
      id,
      name: record.name,
      replicas: this.#replicas.get(record.server) ?? [record.server],
      capabilities: record.tags,
      annotations: record.tool.annotations,
      ...(usage.calls > 0 && { usage }),
      ...(this.#options.costOf !== undefined && { cost: this.#options.costOf(record) }),
    });
  }

  #recordOf(tool: ToolReference): ToolRecord {
    if (typeof tool === 'string') {
      const record = this.discovery.get(tool);
      if (record !== undefined) return record;
      throw usageError(`There is no tool ${shown(tool)}`, 'An id is server/name, such as files/read_file.');
    }
    if (typeof tool !== 'object' || tool === null) {
      throw usageError(`Expected a hit, a record, a binding or the id of a tool, got ${shown(tool)}`);
    }
    if ('record' in tool) return tool.record;
    return 'confidence' in tool ? tool.tool : tool;
  }

  async #invoke(record: ToolRecord, args: JsonObject, options: HostCallOptions): Promise<HostCall> {
    const { timeout, timeoutMs, ...how } = options;
    const started = this.#clock.now();
    const measure = (server: string | undefined, errorType: string | undefined, rpcCode?: number) => {
      this.monitoring.recordOperation({
        side: 'client',
        method: 'tools/call',
        tool: record.name,
        durationMs: this.#clock.now() - started,
        server: server ?? record.server,
        errorType,
        rpcCode,
      });
    };
    try {
      const { result, server, attempts, durationMs } = await this.router.callTool(record.id, args, {
        ...how,
        timeoutMs: timeout === undefined ? timeoutMs : parseDuration(timeout, '`timeout`', 'ms'),
      });
      const checked = this.validator.validateOutput(record.tool, result);
      if (!checked.valid) throw new InvalidResult(record.label, checked, result);
      measure(server, result.isError === true ? 'tool_error' : undefined);
      return { tool: record, arguments: args, result, server, attempts, durationMs };
    } catch (error) {
      const wire = error instanceof WireError ? error : undefined;
      const type =
        error instanceof InvalidResult ? 'schema' : (wire?.rpcCode ?? wire?.outcome ?? 'cancelled');
      measure(undefined, String(type), wire?.rpcCode);
      throw error;
    }
  }
}
