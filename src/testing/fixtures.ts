import { messageOf } from '../core/errors.js';
import { ToolBinder, type BinderOptions } from '../host/binding/index.js';
import {
  adapterSource,
  Host,
  McpClient,
  Monitoring,
  ServiceRegistry,
  ToolDiscovery,
  ToolRouter,
  ToolValidator,
  type DiscoveryOptions,
  type HostServers,
  type McpClientOptions,
  type MonitoringOptions,
  type RoutableTool,
  type ServerTarget,
  type ServiceRegistryOptions,
  type ToolRouterOptions,
  type ToolValidatorOptions,
} from '../host/index.js';
import { serveHttp, type McpServer, type ServeHttpOptions, type Tool } from '../protocol/index.js';
import { openTarget, type HttpTargetSpec, type OpenTarget, type TargetSpec } from '../target/index.js';
import { sampleServer } from './sample-server.js';

/** The `afterEach` (or `after`) of a test runner. */
export type AfterEach = (cleanup: () => Promise<void>) => void;

/**
 * Makes services and targets for tests, and ends each of them, the last first.
 *
 * @example
 * ```ts
 * import { afterEach, it } from 'vitest';   // or node:test
 * import { Fixtures } from 'mcp-dyno/testing';
 *
 * const fixtures = new Fixtures(afterEach);
 * it('adds', async () => {
 *   const host = await fixtures.host();
 *   const { result } = await host.call('sample/add', { a: 1, b: 2 });
 * });
 * ```
 */
export class Fixtures {
  #ends: { what: string; end: () => unknown }[] = [];

  /** @param afterEach called with the cleanup; without it, call {@link cleanup} */
  constructor(afterEach?: AfterEach) {
    afterEach?.(() => this.cleanup());
  }

  /** Has something ended by {@link cleanup}, too. */
  onCleanup(what: string, end: () => unknown): void {
    this.#ends.push({ what, end });
  }

  /**
   * Ends everything, the last made first; one that fails does not keep the others.
   *
   * @throws Error that names what could not be ended
   */
  async cleanup(): Promise<void> {
    const failures: string[] = [];
    for (const { what, end } of this.#ends.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        failures.push(`${what}: ${messageOf(error)}`);
      }
    }
    if (failures.length > 0) throw new Error(`Fixtures could not be ended: ${failures.join('; ')}`);
  }

  /** A target that is running: the bundled reference server over HTTP unless a spec is given. */
  async target(spec: TargetSpec = { kind: 'reference', transport: 'http', args: [] }): Promise<OpenTarget> {
    const target = await openTarget(spec);
    this.onCleanup('target', () => target.stop());
    return target;
  }

  /** A server of this process over HTTP; {@link sampleServer} unless given. Its spec can be used as a target. */
  async httpServer(
    server: McpServer = sampleServer(),
    options: ServeHttpOptions = {},
  ): Promise<HttpTargetSpec> {
    const serving = await serveHttp(server, options);
    this.onCleanup('HTTP server', () => serving.close());
    return { kind: 'http', url: serving.url, headers: {} };
  }

  /** A client with servers connected by name. */
  async client(
    servers: Readonly<Record<string, ServerTarget>> = {},
    options: McpClientOptions = {},
  ): Promise<McpClient> {
    const client = new McpClient(options);
    this.onCleanup('McpClient', () => client.close());
    await Promise.all(Object.entries(servers).map(([name, target]) => client.connectServer(name, target)));
    return client;
  }

  /** A registry in memory. */
  async registry(options: ServiceRegistryOptions = {}): Promise<ServiceRegistry> {
    const registry = await ServiceRegistry.open(options);
    this.onCleanup('ServiceRegistry', () => registry.close());
    return registry;
  }

  /** A catalogue with the tools of each server in it. */
  async discovery(
    tools: Readonly<Record<string, readonly Tool[]>> = {},
    options: DiscoveryOptions = {},
  ): Promise<ToolDiscovery> {
    const discovery = new ToolDiscovery(options);
    this.onCleanup('ToolDiscovery', () => {
      discovery.close();
    });
    for (const [server, list] of Object.entries(tools))
      await discovery.addSource(adapterSource(server, list));
    return discovery;
  }

  /** A binder over a catalogue; its calls answer the tool's name and arguments unless others are given. */
  binder(discovery: ToolDiscovery, options: Partial<BinderOptions> = {}): ToolBinder {
    const binder = new ToolBinder({
      discovery,
      call: ({ tool, arguments: args }) =>
        Promise.resolve({ content: [{ type: 'text', text: `${tool.name} ${JSON.stringify(args)}` }] }),
      ...options,
    });
    this.onCleanup('ToolBinder', () => {
      binder.close();
    });
    return binder;
  }

  /** A router that knows some tools; its calls answer the server's name unless `invoke` is given. */
  router(tools: readonly RoutableTool[] = [], options: ToolRouterOptions = {}): ToolRouter {
    const router = new ToolRouter({
      invoke: ({ server }) => Promise.resolve({ content: [{ type: 'text', text: server }] }),
      ...options,
    });
    router.setTools(tools);
    this.onCleanup('ToolRouter', () => {
      router.close();
    });
    return router;
  }

  /** A validator. */
  validator(options: ToolValidatorOptions = {}): ToolValidator {
    const validator = new ToolValidator(options);
    this.onCleanup('ToolValidator', () => {
      validator.clear();
    });
    return validator;
  }

  /** Monitoring that does not measure this process. */
  monitoring(options: MonitoringOptions = {}): Monitoring {
    const monitoring = new Monitoring({ process: false, ...options });
    this.onCleanup('Monitoring', () => monitoring.close());
    return monitoring;
  }

  /** A host; over {@link sampleServer} under the name `sample` unless servers are given. */
  async host(options: Partial<HostServers> = {}): Promise<Host> {
    const host = await Host.open({
      monitoring: { process: false },
      ...options,
      servers: options.servers ?? { sample: { kind: 'in-process', server: sampleServer() } },
    });
    this.onCleanup('Host', () => host.close());
    return host;
  }
}
