/**
 * The service registry: who is there, where, in what state, and since when.
 *
 * `ServiceRegistry` answers look-ups from indexes in memory and writes through a store: {@link MemoryStore} (default),
 * {@link FileStore} (survives restarts) or {@link NatsKvStore} (several hosts).
 */
export { announce, type Announcement } from './announce.js';
export type { ServiceChange, ServiceEvent } from './event.js';
export { FileStore, type FileStoreOptions, type FileStoreRecovery } from './file-store.js';
export {
  importPublicRegistry,
  type ImportOptions,
  type ImportReport,
  type SkippedServer,
} from './import-public-registry.js';
export type { SelfPreservation } from './lease-keeper.js';
export { MemoryBackend, MemoryStore } from './memory-store.js';
export { NatsKvStore, type NatsKvStoreOptions } from './nats-kv-store.js';
export type { ServiceQuery } from './query.js';
export { serviceId } from './registration.js';
export {
  breakerStates,
  defaultTtlMs,
  serviceStates,
  serviceTypes,
  type BreakerState,
  type Lease,
  type Registration,
  type ServiceDocument,
  type ServiceRecord,
  type ServiceState,
  type ServiceType,
} from './service.js';
export { ServiceRegistry, type ServiceRegistryOptions, type WatchOptions } from './service-registry.js';
export type { RegistryCounts, RegistryStatistics } from './statistics.js';
export {
  StoreConflict,
  storeUnavailable,
  type RegistryStore,
  type StoreChange,
  type StoreListener,
  type StoreSnapshot,
} from './store.js';
export type { ServiceWatch } from './watch.js';
