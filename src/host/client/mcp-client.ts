import { backgroundClock, type Clock } from '../../core/clock.js';
import { messageOf, usageError } from '../../core/errors.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { didYouMean } from '../../core/nearest.js';
import { printableLine } from '../../core/printable.js';
import { seededRandom, type Random } from '../../core/random.js';
import type {
  CallToolResult,
  CompleteParams,
  CompleteResult,
  ConnectOptions,
  GetPromptResult,
  IncomingRequestContext,
  McpConnection,
  Prompt,
  ReadResourceResult,
  RequestOptions,
  Resource,
  ResourceTemplate,
  Tool,
} from '../../protocol/index.js';
import { toolId, type ToolSource } from '../discovery/index.js';
import { shown } from '../shown.js';
import { backoffDefaults, type BackoffOptions } from './backoff.js';
import { ServerLink, type ServerStatus, type ServerTarget } from './server-link.js';
import { ServerToolSource } from './tool-source.js';

/** How a {@link McpClient} works; times in milliseconds. */
export interface McpClientOptions {
  /** Introduces the client to every server. */
  clientInfo?: ConnectOptions['clientInfo'];
  protocol?: ConnectOptions['protocol'];
  /** The bound for a call that names none; 30,000. */
  timeoutMs?: number | undefined;
  /** The bound for one attempt to connect; 30,000. */
  connectTimeoutMs?: number | undefined;
  backoff?: Partial<BackoffOptions> | undefined;
  limits?: ConnectOptions['limits'];
  capabilities?: JsonObject | undefined;
  /** Answers what servers ask (sampling, elicitation, roots); refused unless given. */
  onRequest?:
    | ((
        server: string,
        method: string,
        params: JsonObject,
        context: IncomingRequestContext,
      ) => Promise<JsonObject>)
    | undefined;
  /** Default: timers that do not keep the process alive. */
  clock?: Clock | undefined;
  random?: Random | undefined;
}

/** How a server is connected. */
export interface ConnectServerOptions {
  /** Tags for all tools of the server. */
  tags?: readonly string[] | undefined;
  /** True: a first attempt that fails does not reject; the client goes on trying. False unless given. */
  keepTrying?: boolean | undefined;
}

/** A tool, by its identity over all servers. */
export interface NamedTool {
  /** The pair of server and name, joined so that no two pairs share one. */
  id: string;
  server: string;
  name: string;
  tool: Tool;
}

/** Hears of a server's state. */
export type StatusListener = (status: ServerStatus) => void;

/** Hears what servers send of their own accord. */
export type NotificationListener = (server: string, method: string, params: JsonObject) => void;

/**
 * Many named servers, each kept connected: one that is lost is connected again with growing waits, and never holds up or
 * breaks the others.
 *
 * @example
 * ```ts
 * const client = new McpClient();
 * await client.connectServer('files', { kind: 'stdio', command: 'mcp-server-filesystem', args: ['.'], env: {} });
 * const answer = await client.callTool('files', 'list_directory', { path: '.' }, { timeoutMs: 2000 });
 * await client.close();
 * ```
 */
export class McpClient {
  readonly #options: McpClientOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #links = new Map<string, { link: ServerLink; source: ServerToolSource }>();
  readonly #statusListeners = new Set<StatusListener>();
  readonly #notificationListeners = new Set<NotificationListener>();
  readonly #changeListeners = new Map<string, Set<() => void>>();
  #closed = false;

  constructor(options: McpClientOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? backgroundClock;
    this.#random = options.random ?? seededRandom(this.#clock.wall());
  }

  /**
   * Connects a server under a name.
   *
   * @throws DynoError (104) when the name is taken or unusable; (111) when the first attempt fails, unless `keepTrying`
   */
  async connectServer(
    name: string,
    target: ServerTarget,
    options: ConnectServerOptions = {},
  ): Promise<ServerStatus> {
    if (this.#closed) throw usageError('This McpClient is closed', 'Make a new one');
    if (typeof name !== 'string' || name === '' || name.length > 128) {
      throw usageError(`Expected the name of a server to have 1 to 128 characters, got ${shown(name)}`);
    }
    if (this.#links.has(name)) {
      throw usageError(
        `A server named ${shown(name)} is already connected`,
        'Disconnect it, or choose another name',
      );
    }
    const link = new ServerLink(name, target, {
      clock: this.#clock,
      random: this.#random.fork(name),
      backoff: { ...backoffDefaults, ...this.#options.backoff },
      connect: this.#connectOptions(name),
      connectTimeoutMs: this.#options.connectTimeoutMs ?? 30_000,
      onState: (status) => {
        this.#onState(status);
      },
      onNotification: (method, params) => {
        this.#onNotification(name, method, params);
      },
    });
    const source = new ServerToolSource(link, (changed) => this.#onToolsChanged(name, changed), options.tags);
    this.#links.set(name, { link, source });
    try {
      await link.connect();
    } catch (error) {
      if (options.keepTrying !== true) {
        this.#links.delete(name);
        await link.close();
        throw error;
      }
    }
    return link.status();
  }

  /** Disconnects a server and ends the process behind it. False where there is none of that name. */
  async disconnectServer(name: string): Promise<boolean> {
    const known = this.#links.get(name);
    if (known === undefined) return false;
    this.#links.delete(name);
    this.#changeListeners.delete(name);
    await known.link.close();
    return true;
  }

  /** How every server is doing. */
  servers(): ServerStatus[] {
    return [...this.#links.values()].map(({ link }) => link.status());
  }

  /** How a server is doing. @throws DynoError (104) for an unknown name */
  server(name: string): ServerStatus {
    return this.#known(name).link.status();
  }

  /** The connection as it is now, for what this class does not offer; undefined while there is none. */
  connection(name: string): McpConnection | undefined {
    return this.#known(name).link.connection;
  }

  /** The tools of a server as a source for `ToolDiscovery`; the same one each time. */
  toolSource(name: string): ToolSource {
    return this.#known(name).source;
  }

  /** The tools of one server. */
  listTools(server: string, options?: RequestOptions): Promise<Tool[]> {
    return this.#use(server, options, (connection, how) => connection.listTools(how));
  }

  /** The tools of every server at once; a server that fails is named, and does not hold back the others. */
  async listAllTools(
    options?: RequestOptions,
  ): Promise<{ tools: NamedTool[]; failed: { server: string; error: string }[] }> {
    const failed: { server: string; error: string }[] = [];
    const lists = await Promise.all(
      [...this.#links.keys()].map(async (server) => {
        try {
          const tools = await this.listTools(server, options);
          return tools.map((tool) => ({ id: toolId(server, tool.name), server, name: tool.name, tool }));
        } catch (error) {
          failed.push({ server, error: printableLine(messageOf(error), 300) });
          return [];
        }
      }),
    );
    return { tools: lists.flat(), failed };
  }

  /** Calls a tool of a server. @throws WireError; DynoError (104) for an unknown server */
  callTool(
    server: string,
    tool: string,
    args: JsonObject = {},
    options?: RequestOptions,
  ): Promise<CallToolResult> {
    return this.#use(server, options, (connection, how) => connection.callTool(tool, args, how));
  }

  listResources(server: string, options?: RequestOptions): Promise<Resource[]> {
    return this.#use(server, options, (connection, how) => connection.listResources(how));
  }

  listResourceTemplates(server: string, options?: RequestOptions): Promise<ResourceTemplate[]> {
    return this.#use(server, options, (connection, how) => connection.listResourceTemplates(how));
  }

  readResource(server: string, uri: string, options?: RequestOptions): Promise<ReadResourceResult> {
    return this.#use(server, options, (connection, how) => connection.readResource(uri, how));
  }

  listPrompts(server: string, options?: RequestOptions): Promise<Prompt[]> {
    return this.#use(server, options, (connection, how) => connection.listPrompts(how));
  }

  getPrompt(
    server: string,
    name: string,
    args: Record<string, string> = {},
    options?: RequestOptions,
  ): Promise<GetPromptResult> {
    return this.#use(server, options, (connection, how) => connection.getPrompt(name, args, how));
  }

  complete(server: string, params: CompleteParams, options?: RequestOptions): Promise<CompleteResult> {
    return this.#use(server, options, (connection, how) => connection.complete(params, how));
  }

  /** Reaches a server: by a ping, or by connecting where it was lost. @throws WireError or DynoError when it cannot */
  probe(server: string, signal: AbortSignal): Promise<void> {
    return this.#known(server).link.probe(signal);
  }

  /** Hears of every change of a server's state; the return value stops it. */
  onStatus(listener: StatusListener): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Hears every notification of every server; the return value stops it. */
  onNotification(listener: NotificationListener): () => void {
    this.#notificationListeners.add(listener);
    return () => this.#notificationListeners.delete(listener);
  }

  /** Disconnects all servers, at once. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map(({ link }) => link.close()));
    this.#statusListeners.clear();
    this.#notificationListeners.clear();
    this.#changeListeners.clear();
  }

  #use<T>(
    server: string,
    options: RequestOptions | undefined,
    work: (connection: McpConnection, options: RequestOptions) => Promise<T>,
  ): Promise<T> {
    let link: ServerLink;
    try {
      ({ link } = this.#known(server));
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const how = { timeoutMs: this.#options.timeoutMs ?? 30_000, ...options };
    return link.use((connection) => work(connection, how), how);
  }

  #known(name: string): { link: ServerLink; source: ServerToolSource } {
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const names = [...this.#links.keys()];
    const list = names.length === 0 ? 'none is' : `connected are ${names.map(shown).slice(0, 20).join(', ')}`;
    throw usageError(`There is no server named ${shown(name)}; ${list}`, didYouMean(name, names));
  }

  #connectOptions(name: string): ConnectOptions {
    const { clientInfo, protocol, limits, capabilities, onRequest } = this.#options;
    return {
      clientInfo,
      protocol,
      limits,
      capabilities,
      ...(onRequest !== undefined && {
        onRequest: (method: string, params: JsonObject, context: IncomingRequestContext) =>
          onRequest(name, method, params, context),
      }),
    };
  }

  #onState(status: ServerStatus): void {
    tellAll(this.#statusListeners, status);
    // After a loss the list may be another one.
    if (status.state === 'connected' && status.connects > 1) this.#changed(status.name);
  }

  #onNotification(server: string, method: string, params: JsonObject): void {
    tellAll(this.#notificationListeners, server, method, isJsonObject(params) ? params : {});
    if (method === 'notifications/tools/list_changed') this.#changed(server);
  }

  #onToolsChanged(server: string, changed: () => void): () => void {
    let listeners = this.#changeListeners.get(server);
    if (listeners === undefined) this.#changeListeners.set(server, (listeners = new Set()));
    listeners.add(changed);
    return () => listeners.delete(changed);
  }

  #changed(server: string): void {
    tellAll(this.#changeListeners.get(server) ?? []);
  }
}

function tellAll<A extends unknown[]>(listeners: Iterable<(...args: A) => void>, ...args: A): void {
  for (const listener of listeners) {
    try {
      listener(...args);
    } catch (thrown) {
      // One listener's trouble is not the connection's.
      process.emitWarning(`A listener of McpClient threw: ${messageOf(thrown)}`);
    }
  }
}
