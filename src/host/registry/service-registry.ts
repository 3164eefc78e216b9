import { backgroundClock, DynoError, exitCodes, usageError, type Clock } from '../../core/index.js';
import { shown } from '../shown.js';
import { inState, merged, unknownService } from './changes.js';
import { ForgetQueue } from './forget-queue.js';
import { LeaseKeeper, type SelfPreservation } from './lease-keeper.js';
import { MemoryStore } from './memory-store.js';
import { RegistryMirror } from './mirror.js';
import { checkQuery, type ServiceQuery } from './query.js';
import { checkRegistration, checkState } from './registration.js';
import {
  breakerStates,
  type BreakerState,
  type Lease,
  type Registration,
  type ServiceDocument,
  type ServiceRecord,
  type ServiceState,
} from './service.js';
import type { RegistryStatistics } from './statistics.js';
import { StoreConflict, type RegistryStore } from './store.js';
import { ServiceWatch } from './watch.js';

/** What {@link ServiceRegistry.open} takes. */
export interface ServiceRegistryOptions {
  /** Where services are kept; default in memory. */
  store?: RegistryStore;
  /** Default the machine's clock, with timers that do not keep the process alive. */
  clock?: Clock;
  selfPreservation?: Partial<SelfPreservation>;
  /** How long an expired service stays listed (as `expired`) before it is taken away; default 1 hour. */
  forgetExpiredMs?: number;
  /** No more services than this; default 1,000,000. */
  maxServices?: number;
  /** How many of the latest changes a watch can go back; default 10,000. */
  historyLimit?: number;
}

/** What {@link ServiceRegistry.watch} takes. */
export interface WatchOptions {
  /**
   * The revision after which changes are wanted; `now` for what comes. Without it, or when the changes since are no
   * longer known, the first event is a `resync` with everything.
   */
  from?: number | 'now';
  /** Only services that answer this; its limit is not looked at. */
  query?: ServiceQuery;
  /** How many events may wait to be taken before they become one `resync`; default 10,000. */
  bound?: number;
  /** Ends the watch when aborted. */
  signal?: AbortSignal;
}

/** Another registry may be faster this many times in a row before a write is given up. */
const maxAttempts = 20;

/**
 * Who is there, where, and in what state. Services register, renew their lease by heartbeats, and expire when they do
 * not. Look-ups are answered from indexes in memory, whatever the store does; writes go through the store.
 *
 * @example
 * const registry = await ServiceRegistry.open();
 * const { id } = await registry.registerService({ name: 'files', type: 'mcp_server', endpoint: 'http://127.0.0.1:1/mcp' });
 * await registry.heartbeat(id);
 * registry.discoverServices({ type: 'mcp_server', healthyOnly: true });
 */
export class ServiceRegistry {
  readonly #store: RegistryStore;
  readonly #clock: Clock;
  readonly #keeper: LeaseKeeper;
  readonly #expiredOnes: ForgetQueue;
  readonly #mirror: RegistryMirror;
  readonly #maxServices: number;
  /** Writes to one service go one after another; each waits for the promise here. */
  readonly #busy = new Map<string, Promise<unknown>>();
  /** Work that nobody awaits. */
  readonly #background = new Set<Promise<unknown>>();
  #closed = false;

  private constructor(options: ServiceRegistryOptions) {
    this.#store = options.store ?? new MemoryStore();
    this.#clock = options.clock ?? backgroundClock;
    this.#maxServices = options.maxServices ?? 1_000_000;
    this.#keeper = new LeaseKeeper({
      clock: this.#clock,
      selfPreservation: options.selfPreservation,
      expired: (ids) => {
        for (const id of ids) this.#behind(this.#expire(id));
      },
    });
    this.#expiredOnes = new ForgetQueue(this.#clock, options.forgetExpiredMs ?? 3_600_000, (id) => {
      this.#behind(this.#forget(id));
    });
    this.#mirror = new RegistryMirror({
      clock: this.#clock,
      keeper: this.#keeper,
      expiredOnes: this.#expiredOnes,
      historyLimit: options.historyLimit ?? 10_000,
      lost: (documents) => {
        for (const document of documents) this.#behind(this.#refill(document));
      },
    });
  }

  /**
   * Opens a registry with what its store holds. Services found there get a whole lease from now on: nobody could renew
   * while the registry was down.
   *
   * @throws DynoError when the store cannot be opened, or an option is wrong.
   */
  static async open(options: ServiceRegistryOptions = {}): Promise<ServiceRegistry> {
    const registry = new ServiceRegistry(options);
    try {
      await registry.#store.open(registry.#mirror);
    } catch (error) {
      await registry.#store.close().catch(() => undefined);
      registry.#keeper.close();
      throw error;
    }
    return registry;
  }

  /** The store's revision that this registry knows of. */
  get revision(): number {
    return this.#mirror.revision;
  }

  /** Why what is answered may be out of date, or undefined when it is not. */
  get staleBecause(): string | undefined {
    const { awayBecause } = this.#mirror;
    if (awayBecause !== undefined) return `the store is away: ${awayBecause}`;
    return this.#keeper.preserving ? 'most services fell silent at once, so none of them expires' : undefined;
  }

  /**
   * Registers a service, or updates the one with the same identity (its id, or else its type, name and endpoint), and
   * starts or renews its lease. Registering again what is already so changes nothing but the lease.
   *
   * @throws DynoError (104) that names the field which is wrong; `registry-full`; `store-unavailable`.
   */
  async registerService(registration: Registration): Promise<ServiceRecord> {
    const wanted = checkRegistration(registration);
    const { counts, index } = this.#mirror;
    if (!index.get(wanted.id) && index.size >= this.#maxServices) {
      throw new DynoError(`The registry is full: it holds ${index.size} services`, {
        code: 'registry-full',
        hint: 'Raise maxServices, or deregister what is gone.',
        exitCode: exitCodes.failed,
      });
    }
    let before: ServiceRecord | undefined;
    const record = await this.#update(wanted.id, (current) => {
      before = current;
      return merged(current, wanted, this.#clock.wall());
    });
    if (before === undefined) counts.registered++;
    else counts.reregistered++;
    if (before?.state === 'expired') counts.revived++;
    this.#renew(record!.id);
    return record!;
  }

  /** Takes a service out; false when it is not there. */
  async deregister(id: string): Promise<boolean> {
    const removed = await this.#removeIf(id, () => true);
    if (removed) this.#mirror.counts.deregistered++;
    return removed;
  }

  /**
   * Renews a lease, and changes the state where one is given. An expired service comes back in the state that it had.
   *
   * @throws DynoError `unknown-service` when it is not registered (any more): register again. A store that is away is
   *   no error; the heartbeat counts here.
   */
  async heartbeat(id: string, state?: Exclude<ServiceState, 'expired'>): Promise<Lease | undefined> {
    const record = this.#known(id);
    this.#mirror.counts.heartbeats++;
    if (record.state === 'expired') {
      await this.updateStatus(id, state ?? record.expiredFrom ?? 'healthy');
      this.#mirror.counts.revived++;
    } else if (state !== undefined && state !== record.state) {
      await this.updateStatus(id, state);
    }
    this.#renew(id);
    return this.#keeper.lease(id);
  }

  /**
   * Changes the state of a service, for the service itself or a health checker. Its lease is not touched.
   *
   * @throws DynoError (104) for a state that cannot be given; `unknown-service`; `store-unavailable`.
   */
  async updateStatus(
    id: string,
    state: Exclude<ServiceState, 'expired'>,
    reason?: string,
  ): Promise<ServiceRecord> {
    checkState(state, `the state for service ${shown(id)}`);
    this.#known(id);
    const record = await this.#update(id, (current) => {
      if (current === undefined) throw unknownService(id);
      if (current.state === state && current.stateReason === reason) return undefined;
      return inState(current, state, reason, this.#clock.wall());
    });
    return record!;
  }

  /**
   * Notes what the circuit breaker of this host says of a service. It stays on this host and changes no state.
   *
   * @throws DynoError (104), or `unknown-service`.
   */
  updateBreaker(id: string, breaker: BreakerState): void {
    if (!breakerStates.includes(breaker)) {
      throw usageError(`Expected a breaker to be one of ${breakerStates.join(', ')}, got ${shown(breaker)}`);
    }
    this.#mirror.setBreaker(this.#known(id), breaker);
  }

  /** The service with an id. */
  getService(id: string): ServiceRecord | undefined {
    this.#mirror.counts.lookups++;
    return this.#mirror.index.get(id);
  }

  /** Every service, in no particular order. */
  getAllServices(): ServiceRecord[] {
    return this.discoverServices();
  }

  /**
   * The services that answer a query, in no particular order. Costs what it returns, however many there are; where
   * several keys are asked for, what the rarest of them has.
   *
   * @throws DynoError (104) that names the field which is wrong.
   */
  discoverServices(query: ServiceQuery = {}): ServiceRecord[] {
    const checked = checkQuery(query);
    this.#mirror.counts.lookups++;
    const found = this.#mirror.index.find(checked);
    if (found.length > 0 || !checked.staleIfNone || !checked.healthyOnly) return found;
    return this.#mirror.index.find({ ...checked, healthyOnly: false, states: ['expired'] });
  }

  /** The lease of a service; undefined when it has none (not there, expired, or `ttl: 'none'`). */
  lease(id: string): Lease | undefined {
    return this.#keeper.lease(id);
  }

  /**
   * The changes from a revision on, for `for await`; end it with `close()`, the signal, or by leaving the loop.
   *
   * @throws DynoError (104) for a wrong query or revision.
   */
  watch(options: WatchOptions = {}): ServiceWatch {
    const { from, query = {}, bound = 10_000, signal } = options;
    if (from !== undefined && from !== 'now' && !(Number.isInteger(from) && from >= 0)) {
      throw usageError(`Expected a watch to start from a revision or "now", got ${shown(from)}`);
    }
    const checked = { ...checkQuery(query), limit: Infinity };
    const start = from === 'now' ? this.revision : (from ?? 0);
    const end = () => {
      watch.close();
    };
    const watch = new ServiceWatch(this.#mirror, checked, bound, start, () => {
      signal?.removeEventListener('abort', end);
    });
    signal?.addEventListener('abort', end);
    this.#mirror.follow(watch, from);
    if (this.#closed || signal?.aborted) watch.close();
    return watch;
  }

  statistics(): RegistryStatistics {
    return this.#mirror.statistics(this.#store.kind);
  }

  /** Ends timers, watches and the store. Services stay in the store, as far as it keeps anything. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#keeper.close();
    this.#expiredOnes.close();
    this.#mirror.closeWatches();
    await Promise.all(this.#background);
    await this.#store.close();
  }

  #known(id: string): ServiceRecord {
    const record = this.#mirror.index.get(id);
    if (record === undefined) throw unknownService(id);
    return record;
  }

  #renew(id: string): void {
    this.#mirror.renewed([id]);
    this.#store.renew([id]);
  }

  async #expire(id: string): Promise<void> {
    const { ttl } = this.#mirror.index.get(id) ?? {};
    let expires = false;
    try {
      await this.#update(id, (current) => {
        // It may have been heard again, here or on another host, before this write had its turn.
        if (current === undefined || current.state === 'expired' || this.#keeper.lease(id)) {
          expires = false;
          return undefined;
        }
        expires = true;
        const reason = 'no heartbeat came before the lease ran out';
        return {
          ...inState(current, 'expired', reason, this.#clock.wall()),
          expiredFrom: current.state,
        };
      });
      if (expires) this.#mirror.counts.expired++;
    } catch {
      // The store is away, so the others' heartbeats are not heard either: judged again in a lease's time.
      if (typeof ttl === 'number' && this.#mirror.index.get(id)) this.#keeper.grant(id, ttl);
    }
  }

  async #forget(id: string): Promise<void> {
    try {
      const gone = await this.#removeIf(id, (current) => current.state === 'expired');
      if (gone) this.#mirror.counts.forgotten++;
    } catch {
      this.#expiredOnes.add(id);
    }
  }

  async #refill(document: ServiceDocument): Promise<void> {
    try {
      await this.#store.put(document, 0);
    } catch {
      // Another registry was faster, or the store went away again and its next snapshot is judged anew.
    }
  }

  /** Reads, changes and writes one service; again when another registry was faster. */
  #update(
    id: string,
    next: (current: ServiceRecord | undefined) => ServiceDocument | undefined,
  ): Promise<ServiceRecord | undefined> {
    return this.#attempt(id, async (current) => {
      const document = next(current);
      if (document !== undefined) await this.#store.put(Object.freeze(document), current?.revision ?? 0);
      return this.#mirror.index.get(id);
    });
  }

  #removeIf(id: string, wanted: (current: ServiceRecord) => boolean): Promise<boolean> {
    return this.#attempt(id, async (current) => {
      if (current === undefined || !wanted(current)) return false;
      await this.#store.remove(id, current.revision);
      return true;
    });
  }

  async #attempt<T>(id: string, write: (current: ServiceRecord | undefined) => Promise<T>): Promise<T> {
    const before = this.#busy.get(id);
    const work = (async () => {
      await before?.catch(() => undefined);
      for (let attempt = 1; ; attempt++) {
        try {
          return await write(this.#mirror.index.get(id));
        } catch (error) {
          if (!(error instanceof StoreConflict) || attempt === maxAttempts) throw error;
          this.#mirror.counts.conflicts++;
          await this.#store.settle(id);
        }
      }
    })();
    this.#busy.set(id, work);
    try {
      return await work;
    } finally {
      if (this.#busy.get(id) === work) this.#busy.delete(id);
    }
  }

  #behind(work: Promise<unknown>): void {
    this.#background.add(work);
    void work.finally(() => this.#background.delete(work));
  }
}
