import { DynoError, exitCodes } from '../../core/index.js';
import type { ServiceDocument } from './service.js';

/** A change in a store: a document put, or an id taken away. */
export interface StoreChange {
  readonly revision: number;
  readonly id: string;
  /** Absent when the service was taken away. */
  readonly document?: ServiceDocument;
}

/** Everything in a store at one revision. */
export interface StoreSnapshot {
  /** The newest revision; 0 for a store that never held anything. */
  readonly revision: number;
  readonly entries: readonly { readonly revision: number; readonly document: ServiceDocument }[];
}

/** What a store tells its registry. Calls come one after another, changes in the order of their revisions. */
export interface StoreListener {
  /** What the store holds at the start: the first call, made before `open` resolves. */
  opened(snapshot: StoreSnapshot): void;
  /** Something changed, whoever changed it: this registry's own writes come back here as well. */
  changed(change: StoreChange): void;
  /** Heartbeats that were sent to another registry on the same store. */
  renewed(ids: readonly string[]): void;
  /** Something in the store is no service document, and was left out. */
  unreadable(key: string, why: string): void;
  /** The store cannot be reached; until {@link StoreListener.back} nothing is known of the others' changes. */
  away(reason: string): void;
  /** The store is reached again; this is what it holds now. */
  back(snapshot: StoreSnapshot): void;
}

/**
 * Where a registry keeps its services. All implementations pass one conformance suite. A handle belongs to one registry.
 */
export interface RegistryStore {
  /** `memory`, `file`, `nats-kv`, or a name of your own; for statistics and messages. */
  readonly kind: string;
  /**
   * Reads what is there, tells the listener, and from then on tells it of changes.
   *
   * @throws DynoError when it cannot be opened.
   */
  open(listener: StoreListener): Promise<void>;
  /**
   * Writes a document if the store's newest revision of this id is `expected` (0: there is none), and resolves with the
   * new revision once the listener has been told of it and of everything before.
   *
   * @throws {@link StoreConflict} when somebody was faster; DynoError `store-unavailable` when it cannot be written.
   */
  put(document: ServiceDocument, expected: number): Promise<number>;
  /** Takes a document away, in the same way. */
  remove(id: string, expected: number): Promise<number>;
  /** Resolves once the listener has been told of the newest change of this id; after a conflict, before a retry. */
  settle(id: string): Promise<void>;
  /** Passes heartbeats on to the other registries on this store. Never fails; may gather them for a moment. */
  renew(ids: readonly string[]): void;
  /** Ends it; what was acknowledged is kept, as far as the store keeps anything. */
  close(): Promise<void>;
}

/** Somebody else changed the same service in between. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
  constructor(id: string) {
    super(`Service ${id} was changed by another registry at the same moment`);
  }
}

/** The store cannot be written to now. */
export function storeUnavailable(what: string, hint: string, cause?: unknown): DynoError {
  return new DynoError(what, { code: 'store-unavailable', hint, exitCode: exitCodes.unreachable, cause });
}
