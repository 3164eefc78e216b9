import type { JsonObject } from '../../core/index.js';

/** What a service is. */
export const serviceTypes = [
  'mcp_server',
  'mcp_client',
  'mcp_adapter',
  'tool_discovery',
  'tool_binding',
  'tool_routing',
  'tool_validation',
  'external_service',
] as const;

/** What a service is. */
export type ServiceType = (typeof serviceTypes)[number];

/** The states of a service; `expired` is given by the registry alone, when a lease has run out. */
export const serviceStates = [
  'starting',
  'healthy',
  'degraded',
  'unhealthy',
  'draining',
  'stopped',
  'expired',
] as const;

/** The state of a service, apart from the state of the circuit breaker in front of it. */
export type ServiceState = (typeof serviceStates)[number];

/** The states of a circuit breaker. */
export const breakerStates = ['closed', 'open', 'half_open'] as const;

/** What the caller's circuit breaker says of a service; it never changes the service's own state. */
export type BreakerState = (typeof breakerStates)[number];

/** How long a lease lasts unless the registration says otherwise, in milliseconds. */
export const defaultTtlMs = 90_000;

/** A lease is to be renewed this many times in its life: every 30 s of the default 90 s. */
export const renewalsPerLease = 3;

/** What {@link ServiceRegistry.registerService} takes. */
export interface Registration {
  /** 1 to 200 characters, no control or invisible ones. Need not be unique: replicas share it. */
  name: string;
  type: ServiceType;
  /** A semantic version where ranges are to match it; any text otherwise. Default `0.0.0`. */
  version?: string | undefined;
  /**
   * Where it is: an absolute URI without credentials, such as `https://host/mcp`, `sse+https://host/sse`,
   * `stdio:server-name`, `in-process:name` or `pkg:npm/%40scope/name@1.0.0`.
   */
  endpoint: string;
  /** What it can do, such as `tools` or `tool:echo`; at most 512. */
  capabilities?: readonly string[] | undefined;
  /** At most 64. */
  tags?: readonly string[] | undefined;
  /** Any JSON object of at most 32 KiB. */
  metadata?: JsonObject | undefined;
  /** The lease in milliseconds, 100 to 86,400,000, default 90,000; `none` for what sends no heartbeats. */
  ttl?: number | 'none' | undefined;
  /** Default `healthy`; a service that is not ready yet says `starting`. */
  state?: Exclude<ServiceState, 'expired'> | undefined;
  /**
   * The identity, where the one made from type, name and endpoint is not wanted (a service whose port changes with
   * each start): 1 to 128 letters, digits, `.`, `_`, `-`, `:`, `/` or `@`.
   */
  id?: string | undefined;
}

/** What the stores keep of a service: everything but its revision, its lease and its circuit breaker. */
export interface ServiceDocument {
  readonly id: string;
  readonly name: string;
  readonly type: ServiceType;
  readonly version: string;
  readonly endpoint: string;
  readonly capabilities: readonly string[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<JsonObject>;
  readonly ttl: number | 'none';
  readonly state: ServiceState;
  /** Why it is in this state, where somebody said so. */
  readonly stateReason?: string;
  /** The state that a heartbeat brings back; only while `state` is `expired`. */
  readonly expiredFrom?: Exclude<ServiceState, 'expired'>;
  /** Milliseconds since the epoch; of the first registration. */
  readonly registeredAt: number;
  /** Milliseconds since the epoch; of the last change. Heartbeats are no change. */
  readonly updatedAt: number;
}

/** A registered service: an immutable snapshot, replaced on every change. */
export interface ServiceRecord extends ServiceDocument {
  /** The store's revision at this change; larger is newer. */
  readonly revision: number;
  /** What the circuit breaker of this host says; not shared with others, and no part of the state. */
  readonly breaker: BreakerState;
}

/** The lease of a service, as of now. */
export interface Lease {
  readonly id: string;
  readonly ttlMs: number;
  /** When to send the next heartbeats. */
  readonly renewEveryMs: number;
  /** Time left; 0 when it has run out. */
  readonly expiresInMs: number;
  /**
   * `live` · `silent` (no heartbeat for half its life) · `preserved` (run out, but kept as stale since most leases
   * fell silent at once).
   */
  readonly phase: 'live' | 'silent' | 'preserved';
}
