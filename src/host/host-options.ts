import type { Clock } from '../core/clock.js';
import type { Random } from '../core/random.js';
import type { McpConfigOptions } from '../target/index.js';
import type { McpClientOptions } from './client/index.js';
import type { ServerTarget } from './client/server-link.js';
import type { DiscoveryOptions, ToolRecord } from './discovery/index.js';
import type { MonitoringOptions } from './monitoring/index.js';
import type { RegistryStore } from './registry/index.js';
import type { RoutingStrategy, ToolRouterOptions } from './routing/index.js';
import type { ValidationLevel } from './validation/index.js';

/** How a `Host` works; times in milliseconds. */
export interface HostOptions {
  /**
   * Servers that offer the same, by the name under which they are one: `{ stock: ['stock-1', 'stock-2'] }`. Their tools
   * are in the catalogue once, and each call goes to the one that will answer best.
   */
  replicas?: Readonly<Record<string, readonly string[]>> | undefined;
  /** How arguments and structured results are validated; `standard`. */
  level?: ValidationLevel | undefined;
  /** How tools are weighed by `route`; `balanced`. */
  strategy?: RoutingStrategy | undefined;
  /** What a call of a tool costs, in any unit that all share; 0 unless given. */
  costOf?: ((record: ToolRecord) => number) | undefined;
  /** Tags for all tools of a server, by its name. */
  tags?: Readonly<Record<string, readonly string[]>> | undefined;
  /** How long opening waits for servers that are slow to start; those that are not there by then come later. 30,000. */
  startTimeoutMs?: number | undefined;
  client?: McpClientOptions | undefined;
  discovery?: DiscoveryOptions | undefined;
  router?: Omit<ToolRouterOptions, 'invoke' | 'probe'> | undefined;
  monitoring?: MonitoringOptions | undefined;
  /** Where the registry keeps services; in memory unless given. */
  store?: RegistryStore | undefined;
  /** Default: timers that do not keep the process alive. */
  clock?: Clock | undefined;
  random?: Random | undefined;
}

/** What `Host.fromConfig` takes besides the file. */
export interface HostConfigOptions extends HostOptions, McpConfigOptions {
  /** Only these servers of the file; all that are not disabled unless given. */
  servers?: readonly string[] | undefined;
}

/** What `Host.open` takes: the servers by name. */
export interface HostServers extends HostOptions {
  servers: Readonly<Record<string, ServerTarget>>;
}
