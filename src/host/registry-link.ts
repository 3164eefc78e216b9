import { messageOf } from '../core/errors.js';
import type { McpClient, ServerStatus, ServerTarget } from './client/index.js';
import { serviceId, type Registration, type ServiceRegistry, type ServiceState } from './registry/index.js';
import type { ReplicaHealth, ToolRouter } from './routing/index.js';

/** The states that say how the service itself is doing; what is starting or gone is told by its connection. */
const health: Partial<Record<ServiceState, ReplicaHealth>> = {
  starting: 'healthy',
  healthy: 'healthy',
  degraded: 'degraded',
  draining: 'draining',
  unhealthy: 'unhealthy',
  stopped: 'unhealthy',
  expired: 'unhealthy',
};

/**
 * Keeps client, registry and router of one mind: servers are registered with the state of their connection, and what
 * others say of them in the registry (draining, degraded) reaches the router.
 */
export class RegistryLink {
  readonly #client: McpClient;
  readonly #registry: ServiceRegistry;
  readonly #router: ToolRouter;
  readonly #ids = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #stop = new AbortController();
  readonly #stopStatus: () => void;
  readonly #watching: Promise<void>;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(client: McpClient, registry: ServiceRegistry, router: ToolRouter) {
    this.#client = client;
    this.#registry = registry;
    this.#router = router;
    this.#stopStatus = client.onStatus((status) => {
      this.#onStatus(status);
    });
    this.#watching = this.#watch();
  }

  /** Registers a server; it is `starting` until it is connected. */
  async add(name: string, target: ServerTarget, tags: readonly string[] = []): Promise<void> {
    const registration: Registration = {
      name,
      type: 'mcp_server',
      endpoint: endpointOf(name, target),
      capabilities: ['tools'],
      tags,
      ttl: 'none',
      state: 'starting',
      id: serviceId('mcp_server', name, endpointOf(name, target)),
    };
    const { id } = await this.#registry.registerService(registration);
    this.#ids.set(name, id);
    this.#names.set(id, name);
  }

  /** Deregisters all servers that were added. */
  async close(): Promise<void> {
    this.#stopStatus();
    this.#stop.abort();
    await this.#watching;
    await this.#writing;
    await Promise.all([...this.#ids.values()].map((id) => this.#registry.deregister(id).catch(() => false)));
  }

  #onStatus({ name, state }: ServerStatus): void {
    if (state === 'connected') this.#router.setReachable(name, true);
    if (state === 'waiting') this.#router.setReachable(name, false);
    const id = this.#ids.get(name);
    if (id === undefined || state === 'connecting' || state === 'closed') return;
    const wanted = state === 'connected' ? 'healthy' : 'unhealthy';
    this.#writing = this.#writing
      .then(async () => {
        const known = this.#registry.getService(id);
        // What somebody set by hand stays; only what the connection said is changed by it.
        if (known === undefined || known.state === 'draining' || known.state === 'degraded') return;
        if (known.state !== wanted) await this.#registry.updateStatus(id, wanted);
      })
      .catch((error: unknown) => {
        process.emitWarning(
          `The state of a server could not be written to the registry: ${messageOf(error)}`,
        );
      });
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    const watch = this.#registry.watch({ from: 'now', query: { type: 'mcp_server' }, signal });
    try {
      for await (const event of watch) {
        const services = event.kind === 'resync' ? event.services : [event.service];
        for (const { id, state } of services) {
          const name = this.#names.get(id);
          const said = event.kind === 'removed' ? undefined : health[state];
          // That the connection was lost, the router hears from the client, and probes it.
          if (name !== undefined && said !== undefined) {
            this.#router.setHealth(name, said === 'unhealthy' && this.#isOurs(name) ? 'healthy' : said);
          }
        }
      }
    } catch (error) {
      if (!signal.aborted)
        process.emitWarning(`The host no longer follows its registry: ${messageOf(error)}`);
    }
  }

  /** True when "unhealthy" is what the lost connection made us write. */
  #isOurs(name: string): boolean {
    try {
      return this.#client.server(name).state !== 'connected';
    } catch {
      return false;
    }
  }
}

/** Where a server is, without what may be secret. */
function endpointOf(name: string, target: ServerTarget): string {
  const encoded = encodeURIComponent(name);
  switch (target.kind) {
    case 'http':
    case 'sse': {
      const { protocol, host, pathname } = new URL(target.url);
      return `${target.kind === 'sse' ? 'sse+' : ''}${protocol}//${host}${pathname}`;
    }
    case 'in-process':
      return `in-process:${encoded}`;
    default:
      return `stdio:${encoded}`;
  }
}
