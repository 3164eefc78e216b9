import type { ServiceDocument } from './service.js';
import { StoreConflict, type RegistryStore, type StoreListener } from './store.js';

/** What several {@link MemoryStore}s of one process share. */
export class MemoryBackend {
  readonly entries = new Map<string, { revision: number; document: ServiceDocument }>();
  readonly listeners = new Set<StoreListener>();
  revision = 0;
}

/** Keeps services in memory: the default. With one {@link MemoryBackend}, several registries share them. */
export class MemoryStore implements RegistryStore {
  readonly kind = 'memory';
  readonly #backend: MemoryBackend;
  #listener: StoreListener | undefined;

  constructor(backend: MemoryBackend = new MemoryBackend()) {
    this.#backend = backend;
  }

  open(listener: StoreListener): Promise<void> {
    const { revision, entries, listeners } = this.#backend;
    this.#listener = listener;
    listener.opened({ revision, entries: [...entries.values()] });
    listeners.add(listener);
    return Promise.resolve();
  }

  put(document: ServiceDocument, expected: number): Promise<number> {
    return this.#write(document.id, document, expected);
  }

  remove(id: string, expected: number): Promise<number> {
    return this.#write(id, undefined, expected);
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  renew(ids: readonly string[]): void {
    for (const listener of this.#backend.listeners) if (listener !== this.#listener) listener.renewed(ids);
  }

  close(): Promise<void> {
    if (this.#listener !== undefined) this.#backend.listeners.delete(this.#listener);
    return Promise.resolve();
  }

  #write(id: string, document: ServiceDocument | undefined, expected: number): Promise<number> {
    const { entries, listeners } = this.#backend;
    if ((entries.get(id)?.revision ?? 0) !== expected) return Promise.reject(new StoreConflict(id));
    const revision = ++this.#backend.revision;
    if (document === undefined) entries.delete(id);
    else entries.set(id, { revision, document });
    for (const listener of listeners) listener.changed({ revision, id, ...(document && { document }) });
    return Promise.resolve(revision);
  }
}
