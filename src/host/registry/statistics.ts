import type { BreakerState, ServiceState, ServiceType } from './service.js';

/** What {@link ServiceRegistry.statistics} says. Counts run since this registry was opened. */
export interface RegistryStatistics {
  readonly services: number;
  readonly byType: Readonly<Record<ServiceType, number>>;
  readonly byState: Readonly<Record<ServiceState, number>>;
  readonly byBreaker: Readonly<Record<BreakerState, number>>;
  /** Different names, tags and capabilities in use. */
  readonly keys: { readonly names: number; readonly tags: number; readonly capabilities: number };
  readonly leases: {
    readonly held: number;
    /** No heartbeat for half their life or more. */
    readonly silent: number;
    /** Run out, but kept: see `selfPreservation`. */
    readonly preserved: number;
  };
  readonly selfPreservation: boolean;
  readonly revision: number;
  readonly watchers: number;
  readonly store: { readonly kind: string; readonly away: string | null; readonly awayForMs: number };
  readonly counts: Readonly<RegistryCounts>;
}

/** What happened so far. */
export interface RegistryCounts {
  registered: number;
  /** Registrations of a service that was known: changes of it, and repetitions. */
  reregistered: number;
  deregistered: number;
  heartbeats: number;
  expired: number;
  /** Expired services that a heartbeat or a registration brought back. */
  revived: number;
  forgotten: number;
  lookups: number;
  /** Times that another registry was faster, and the write was made again. */
  conflicts: number;
  /** Documents in the store that could not be read, and were left out. */
  unreadable: number;
  resyncs: number;
}

/** All counts at nought. */
export function noCounts(): RegistryCounts {
  return {
    registered: 0,
    reregistered: 0,
    deregistered: 0,
    heartbeats: 0,
    expired: 0,
    revived: 0,
    forgotten: 0,
    lookups: 0,
    conflicts: 0,
    unreadable: 0,
    resyncs: 0,
  };
}
