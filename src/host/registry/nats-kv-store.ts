import { randomBytes } from 'node:crypto';
import type { KV, KvWatchEntry } from '@nats-io/kv';
import type {
  ConnectionOptions,
  NatsConnection,
  QueuedIterator,
  Subscription,
} from '@nats-io/transport-node';
import {
  backgroundClock,
  messageOf,
  sleep,
  unreachableError,
  usageError,
  type Clock,
} from '../../core/index.js';
import { decodeKey, encodeKey } from './nats-keys.js';
import { checkDocument } from './registration.js';
import type { ServiceDocument } from './service.js';
import {
  StoreConflict,
  storeUnavailable,
  type RegistryStore,
  type StoreListener,
  type StoreSnapshot,
} from './store.js';

/** What a {@link NatsKvStore} is made of. */
export interface NatsKvStoreOptions {
  /** One or more `host:port` or `nats://host:port`; without credentials. Default `127.0.0.1:4222`. */
  servers?: string | readonly string[];
  /** The key-value bucket, made if missing; letters, digits, `_`, `-`. Default `dyno_registry`. */
  bucket?: string;
  /** Whether the bucket is kept on the NATS server's disk; default true. */
  persistent?: boolean;
  /** Copies of the bucket in a NATS cluster, 1, 3 or 5; default 1. */
  replicas?: number;
  /** How long one operation may take, in milliseconds; default 5,000. */
  timeoutMs?: number;
  /** More for the NATS connection: credentials, TLS. Never written to a log or an error. */
  connection?: ConnectionOptions;
  clock?: Clock;
}

/** JetStream's code for "wrong last sequence": the compare-and-set of a put did not hold. */
const wrongLastSequence = 10071;
const retryMs = 250;
/** Heartbeats are gathered this long before they are told to the other hosts. */
const renewalDelayMs = 50;
const maxIdsPerRenewal = 1000;
/** A removal leaves a marker in the bucket; old ones are swept after this many removals. */
const sweepEvery = 1000;
const markerAgeMs = 3_600_000;

/**
 * Keeps services in a NATS JetStream key-value bucket, for several hosts at once: one key per service, compare-and-set
 * writes, changes followed by a watch. The bucket holds the latest state of each service only, so two changes of one
 * service, the second made before NATS had told a host of the first, reach that host as one: the states are always
 * true, in-between ones may be missing. Heartbeats go over a plain subject, since they need not be kept. When NATS
 * goes away, the registry serves what it knew; when it comes back, everything is read again.
 */
export class NatsKvStore implements RegistryStore {
  readonly kind = 'nats-kv';
  readonly #options: NatsKvStoreOptions;
  readonly #bucket: string;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #self = randomBytes(6).toString('hex');
  #listener: StoreListener | undefined;
  #connection: NatsConnection | undefined;
  #kv: KV | undefined;
  #watch: QueuedIterator<KvWatchEntry> | undefined;
  #renewals: Subscription | undefined;
  #toRenew = new Set<string>();
  #cancelRenewal: (() => void) | undefined;
  /** The revision up to which the listener knows everything. */
  #seen = 0;
  #waiting: { revision: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  #following = false;
  #connected = true;
  #closed = false;
  #removals = 0;

  constructor(options: NatsKvStoreOptions = {}) {
    this.#options = options;
    this.#bucket = options.bucket ?? 'dyno_registry';
    this.#clock = options.clock ?? backgroundClock;
    this.#timeoutMs = options.timeoutMs ?? 5000;
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(this.#bucket)) {
      throw usageError('Expected the bucket of a NATS store to be 1 to 64 letters, digits, _ or -');
    }
  }

  async open(listener: StoreListener): Promise<void> {
    this.#listener = listener;
    const { connect } = await import('@nats-io/transport-node');
    const servers = this.#options.servers ?? '127.0.0.1:4222';
    const at = [servers]
      .flat()
      .join(', ')
      .replace(/[^/,\s]*@/g, '');
    try {
      this.#connection = await connect({
        name: 'mcp-dyno registry',
        ...this.#options.connection,
        servers: [servers].flat() as string[],
        timeout: this.#timeoutMs,
        maxReconnectAttempts: -1,
        reconnectTimeWait: retryMs,
        reconnectJitter: retryMs / 5,
      });
    } catch (cause) {
      throw unreachableError(
        `NATS at ${at} cannot be reached: ${messageOf(cause)}`,
        'Start it with `nats-server -js`, or name another address in servers.',
        cause,
      );
    }
    try {
      this.#kv = await this.#openBucket(this.#connection);
      listener.opened(await this.#follow(this.#kv));
    } catch (cause) {
      throw unreachableError(
        `NATS at ${at} gives no key-value bucket ${this.#bucket}: ${messageOf(cause)}`,
        'JetStream must be on (`nats-server -js`), and this user allowed to use it.',
        cause,
      );
    }
    this.#following = true;
    this.#hearRenewals(this.#connection);
    void this.#mindConnection(this.#connection);
  }

  async put(document: ServiceDocument, expected: number): Promise<number> {
    const text = JSON.stringify(document);
    return await this.#write(document.id, (kv, key) =>
      // What was removed leaves a marker with a revision of its own; create() knows, put(…, 0) does not.
      expected === 0
        ? kv.create(key, text)
        : kv.put(key, text, { previousSeq: expected, timeout: this.#timeoutMs }),
    );
  }

  async remove(id: string, expected: number): Promise<number> {
    const revision = await this.#write(id, async (kv, key) => {
      await kv.delete(key, { previousSeq: expected });
      return (await kv.get(key))?.revision ?? expected;
    });
    if (++this.#removals % sweepEvery === 0) void this.#sweep();
    return revision;
  }

  async settle(id: string): Promise<void> {
    const entry = await this.#writable()
      .get(encodeKey(id))
      .catch(() => null);
    if (entry !== null) await this.#reached(entry.revision);
  }

  renew(ids: readonly string[]): void {
    if (!this.#following) return;
    for (const id of ids) this.#toRenew.add(id);
    this.#cancelRenewal ??= this.#clock.after(renewalDelayMs, () => {
      this.#cancelRenewal = undefined;
      const all = [...this.#toRenew];
      this.#toRenew.clear();
      for (let i = 0; i < all.length; i += maxIdsPerRenewal) {
        const message = JSON.stringify({ from: this.#self, ids: all.slice(i, i + maxIdsPerRenewal) });
        if (this.#following) this.#connection?.publish(this.#renewalSubject, message);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#following = false;
    this.#cancelRenewal?.();
    this.#watch?.stop();
    this.#renewals?.unsubscribe();
    this.#giveUp(this.#unavailable('it was closed'));
    await this.#connection?.close().catch(() => undefined);
  }

  get #renewalSubject(): string {
    return `dyno.registry.${this.#bucket}.renewed`;
  }

  #unavailable(why: string, cause?: unknown): Error {
    return storeUnavailable(
      `The registry's NATS bucket ${this.#bucket} cannot be written to: ${why}`,
      'Look-ups go on with what is known; write again when NATS is back.',
      cause,
    );
  }

  #writable(): KV {
    if (this.#kv === undefined || !this.#following) {
      throw this.#unavailable(this.#closed ? 'it was closed' : 'the connection is down');
    }
    return this.#kv;
  }

  async #write(id: string, write: (kv: KV, key: string) => Promise<number>): Promise<number> {
    const kv = this.#writable();
    let revision: number;
    try {
      revision = await write(kv, encodeKey(id));
    } catch (error) {
      if ((error as { code?: unknown }).code === wrongLastSequence) throw new StoreConflict(id);
      throw this.#unavailable(messageOf(error), error);
    }
    await this.#reached(revision);
    return revision;
  }

  /** Resolves once the watch has delivered a revision; changes are told in their order, own ones too. */
  #reached(revision: number): Promise<void> {
    if (revision <= this.#seen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = {
        revision,
        resolve: () => {
          cancel();
          resolve();
        },
        reject: (error: Error) => {
          cancel();
          reject(error);
        },
      };
      const cancel = this.#clock.after(this.#timeoutMs, () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(this.#unavailable('it was written, but its change did not come back in time'));
      });
      this.#waiting.push(waiter);
    });
  }

  #giveUp(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) waiter.reject(error);
  }

  async #openBucket(connection: NatsConnection): Promise<KV> {
    const { Kvm } = await import('@nats-io/kv');
    return await new Kvm(connection).create(this.#bucket, {
      history: 1,
      replicas: this.#options.replicas ?? 1,
      timeout: this.#timeoutMs,
      ...(this.#options.persistent === false && { storage: 'memory' }),
    });
  }

  /** Reads the whole bucket, and goes on delivering what changes. */
  async #follow(kv: KV): Promise<StoreSnapshot> {
    const { streamInfo } = await kv.status();
    const { messages, last_seq: last } = streamInfo.state;
    const watch = await kv.watch();
    this.#watch = watch;
    const entries = new Map<string, { revision: number; document: ServiceDocument }>();
    let revision = last;
    const changes = watch[Symbol.asyncIterator]();
    // The bucket may change between the two requests: what was there is known by the count still to come.
    for (let loaded = messages === 0; !loaded;) {
      const { done, value } = await withDeadline(changes.next(), this.#timeoutMs, this.#clock);
      if (done === true) throw new Error('the watch ended while it was being read');
      const entry = value as KvWatchEntry;
      revision = Math.max(revision, entry.revision);
      const document = this.#document(entry);
      if (document !== undefined) entries.set(entry.key, { revision: entry.revision, document });
      else entries.delete(entry.key);
      loaded = (entry.delta ?? 0) === 0;
    }
    this.#seen = revision;
    void this.#deliver(watch, changes);
    return { revision, entries: [...entries.values()] };
  }

  async #deliver(watch: QueuedIterator<KvWatchEntry>, changes: AsyncIterator<KvWatchEntry>): Promise<void> {
    try {
      for (;;) {
        const { done, value: entry } = await changes.next();
        if (done === true || watch !== this.#watch) break;
        if (entry.revision <= this.#seen) continue;
        const document = this.#document(entry);
        const id = document?.id ?? decodeKey(entry.key);
        if (document !== undefined || entry.operation !== 'PUT') {
          this.#listener?.changed({ revision: entry.revision, id, ...(document && { document }) });
        }
        this.#seen = entry.revision;
        const due = this.#waiting.filter((waiter) => waiter.revision <= this.#seen);
        this.#waiting = this.#waiting.filter((waiter) => waiter.revision > this.#seen);
        for (const waiter of due) waiter.resolve();
      }
    } catch {
      // Told below: a watch that ends is a store that is away.
    }
    if (watch === this.#watch && !this.#closed) this.#lose('the watch ended');
  }

  #document(entry: KvWatchEntry): ServiceDocument | undefined {
    if (entry.operation !== 'PUT') return undefined;
    try {
      const document = checkDocument(entry.json());
      if (encodeKey(document.id) !== entry.key) throw new Error('its id does not match its key');
      return document;
    } catch (error) {
      this.#listener?.unreadable(entry.key, messageOf(error));
      return undefined;
    }
  }

  #lose(reason: string): void {
    if (!this.#following || this.#closed) return;
    this.#following = false;
    this.#watch?.stop();
    this.#watch = undefined;
    this.#listener?.away(reason);
    this.#giveUp(this.#unavailable(reason));
    void this.#regain();
  }

  /** Tries until the bucket can be read again; JetStream needs a moment after its server is back. */
  async #regain(): Promise<void> {
    while (!this.#closed) {
      await sleep(retryMs, this.#clock);
      if (this.#closed || this.#connection === undefined || this.#connection.isClosed()) return;
      // Asked for now, it would wait in the connection's buffer until its time is over.
      if (!this.#connected) continue;
      try {
        this.#kv = await this.#openBucket(this.#connection);
        const snapshot = await this.#follow(this.#kv);
        if (this.#closed) return;
        this.#following = true;
        this.#listener?.back(snapshot);
        return;
      } catch {
        this.#watch?.stop();
        this.#watch = undefined;
      }
    }
  }

  async #mindConnection(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'reconnect') this.#connected = true;
      if (status.type !== 'disconnect') continue;
      this.#connected = false;
      this.#lose('the connection to NATS broke');
    }
  }

  #hearRenewals(connection: NatsConnection): void {
    this.#renewals = connection.subscribe(this.#renewalSubject, {
      callback: (error, message) => {
        if (error !== null || message.data.length > 1_000_000) return;
        try {
          const { from, ids } = message.json<{ from: string; ids: string[] }>();
          if (from === this.#self || !Array.isArray(ids)) return;
          this.#listener?.renewed(ids.filter((id) => typeof id === 'string'));
        } catch {
          // Anybody may publish on the subject; what is no heartbeat is none.
        }
      },
    });
  }

  async #sweep(): Promise<void> {
    const kv = this.#kv as (KV & { purgeDeletes?: (olderMs: number) => Promise<unknown> }) | undefined;
    await kv?.purgeDeletes?.(markerAgeMs).catch(() => undefined);
  }
}

function withDeadline<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      reject(new Error(`nothing came for ${ms} ms`));
    });
    promise.then(resolve, reject).finally(cancel);
  });
}
