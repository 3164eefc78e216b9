import type { Clock } from '../../core/index.js';
import { documentOf } from './changes.js';
import { EventLog, type ServiceChange } from './event.js';
import type { ForgetQueue } from './forget-queue.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { CheckedQuery } from './query.js';
import { ServiceIndex } from './service-index.js';
import {
  serviceStates,
  serviceTypes,
  type BreakerState,
  type ServiceDocument,
  type ServiceRecord,
} from './service.js';
import { noCounts, type RegistryStatistics } from './statistics.js';
import type { StoreChange, StoreListener, StoreSnapshot } from './store.js';
import type { ServiceWatch, WatchSource } from './watch.js';

/** What a {@link RegistryMirror} works with. */
export interface MirrorParts {
  clock: Clock;
  keeper: LeaseKeeper;
  expiredOnes: ForgetQueue;
  historyLimit: number;
  /** The store came back with less than it had: these documents are known here, but not there. */
  lost: (documents: readonly ServiceDocument[]) => void;
}

/**
 * A registry's picture of its store, in memory: what look-ups and watches are answered from, also while the store is
 * away. It follows the store's changes in their order, and nothing else changes it.
 */
export class RegistryMirror implements StoreListener, WatchSource {
  readonly index = new ServiceIndex();
  readonly counts = noCounts();
  readonly #parts: MirrorParts;
  readonly #log: EventLog;
  readonly #watches = new Set<ServiceWatch>();
  readonly #byState = new Map(serviceStates.map((state) => [state, 0]));
  readonly #breakers = { closed: 0, open: 0, half_open: 0 };
  #revision = 0;
  #awaySince: number | undefined;
  #awayBecause: string | undefined;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    this.#log = new EventLog(parts.historyLimit, 0);
  }

  get revision(): number {
    return this.#revision;
  }

  /** Why the store cannot be reached, while it cannot. */
  get awayBecause(): string | undefined {
    return this.#awayBecause;
  }

  opened(snapshot: StoreSnapshot): void {
    for (const { revision, document } of snapshot.entries) this.#put(document, revision);
    this.#revision = snapshot.revision;
    this.#log.reset(snapshot.revision);
  }

  changed(change: StoreChange): void {
    this.#revision = change.revision;
    if (change.document === undefined) this.#remove(change.id, change.revision);
    else this.#put(change.document, change.revision);
  }

  renewed(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#parts.keeper.renew(id)) continue;
      const record = this.index.get(id);
      if (record !== undefined && record.state !== 'expired' && record.ttl !== 'none') {
        this.#parts.keeper.grant(id, record.ttl);
      }
    }
  }

  unreadable(): void {
    this.counts.unreadable++;
  }

  away(reason: string): void {
    this.#awayBecause = reason;
    this.#awaySince ??= this.#parts.clock.now();
    this.#parts.keeper.pause();
  }

  back(snapshot: StoreSnapshot): void {
    this.#awayBecause = undefined;
    this.#awaySince = undefined;
    this.counts.resyncs++;
    const there = new Map(snapshot.entries.map((entry) => [entry.document.id, entry]));
    const missing = [...this.index.ids()].filter((id) => !there.has(id));
    if (snapshot.revision < this.#revision) this.#takeOlder(snapshot, missing);
    else this.#takeNewer(snapshot, missing);
    // Nobody's heartbeats were heard meanwhile, so everybody gets a whole lease.
    this.#parts.keeper.resume();
    for (const id of this.index.ids()) this.#grant(this.index.get(id)!);
  }

  /** Notes what this host's circuit breaker says: local, so neither a revision nor an event. */
  setBreaker(service: ServiceRecord, breaker: BreakerState): void {
    this.#breakers[service.breaker]--;
    this.#breakers[breaker]++;
    this.index.put(Object.freeze({ ...service, breaker }));
  }

  /** Starts a watch: behind `from` where the log reaches back that far, else with a resync. */
  follow(watch: ServiceWatch, from: number | 'now' | undefined): void {
    const past = typeof from === 'number' && from <= this.#revision ? this.#log.since(from) : undefined;
    if (past !== undefined) for (const change of past) watch.offer(change);
    else if (from !== 'now') watch.resync();
    this.#watches.add(watch);
  }

  left(watch: ServiceWatch): void {
    this.#watches.delete(watch);
  }

  snapshot(query: CheckedQuery): { revision: number; services: readonly ServiceRecord[] } {
    return { revision: this.#revision, services: this.index.find(query) };
  }

  closeWatches(): void {
    for (const watch of [...this.#watches]) watch.close();
  }

  statistics(storeKind: string): RegistryStatistics {
    const { keeper, clock } = this.#parts;
    const { held, silent, preserved } = keeper.counts;
    const { open, half_open } = this.#breakers;
    const byBreaker = { closed: this.index.size - open - half_open, open, half_open };
    return {
      services: this.index.size,
      byType: record(serviceTypes, (type) => this.index.countOf(type)),
      byState: record(serviceStates, (state) => this.#byState.get(state)!),
      byBreaker,
      keys: this.index.keys,
      leases: { held, silent, preserved },
      selfPreservation: keeper.preserving,
      revision: this.#revision,
      watchers: this.#watches.size,
      store: {
        kind: storeKind,
        away: this.#awayBecause ?? null,
        awayForMs: this.#awaySince === undefined ? 0 : clock.now() - this.#awaySince,
      },
      counts: { ...this.counts },
    };
  }

  #put(document: ServiceDocument, revision: number): void {
    const previous = this.index.get(document.id);
    const service: ServiceRecord = Object.freeze({
      ...document,
      revision,
      breaker: previous?.breaker ?? 'closed',
    });
    this.index.put(service);
    this.#count(previous, -1);
    this.#count(service, 1);
    if (service.state === 'expired') {
      this.#parts.keeper.release(service.id);
      this.#parts.expiredOnes.add(service.id);
    } else {
      this.#parts.expiredOnes.remove(service.id);
      const renewed = previous === undefined || previous.state === 'expired' || previous.ttl !== service.ttl;
      if (renewed) this.#grant(service);
    }
    this.#tell(
      previous === undefined
        ? { kind: 'added', revision, service }
        : { kind: 'updated', revision, service, previous },
    );
  }

  #remove(id: string, revision: number): void {
    const service = this.index.remove(id);
    if (service === undefined) return;
    this.#count(service, -1);
    this.#parts.keeper.release(id);
    this.#parts.expiredOnes.remove(id);
    this.#tell({ kind: 'removed', revision, service });
  }

  #grant(service: ServiceRecord): void {
    if (service.state === 'expired') return;
    if (service.ttl === 'none') this.#parts.keeper.release(service.id);
    else this.#parts.keeper.grant(service.id, service.ttl);
  }

  #tell(change: ServiceChange): void {
    this.#log.add(change);
    for (const watch of this.#watches) watch.offer(change);
  }

  #count(service: ServiceRecord | undefined, by: 1 | -1): void {
    if (service === undefined) return;
    this.#byState.set(service.state, this.#byState.get(service.state)! + by);
    this.#breakers[service.breaker] += by;
  }

  #takeNewer(snapshot: StoreSnapshot, missing: readonly string[]): void {
    const news = snapshot.entries.filter((entry) => entry.revision > this.#revision);
    news.sort((a, b) => a.revision - b.revision);
    for (const { document, revision } of news) this.#put(document, revision);
    this.#revision = snapshot.revision;
    for (const id of missing) this.#remove(id, snapshot.revision);
  }

  /** The store has lost what it had (its disk, its memory): what is known here fills it again, rather than go. */
  #takeOlder(snapshot: StoreSnapshot, missing: readonly string[]): void {
    const lost = missing.map((id) => documentOf(this.index.get(id)!));
    for (const { document, revision } of snapshot.entries) this.#put(document, revision);
    this.#revision = snapshot.revision;
    this.#log.reset(snapshot.revision);
    for (const watch of this.#watches) watch.resync();
    this.#parts.lost(lost);
  }
}

function record<K extends string>(keys: readonly K[], value: (key: K) => number): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, number>;
}
