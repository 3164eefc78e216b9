import { open, rm, type FileHandle } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { DynoError, messageOf, usageError } from '../../core/index.js';
import { lockDirectory, type DirectoryLock } from './directory-lock.js';
import {
  encodeLine,
  generationFile,
  listGenerations,
  syncDirectory,
  writeWhole,
  type Generation,
} from './generation-files.js';
import { recover, type FileStoreRecovery, type StoredEntry } from './recovery.js';
import type { ServiceDocument } from './service.js';
import { StoreConflict, storeUnavailable, type RegistryStore, type StoreListener } from './store.js';

export type { FileStoreRecovery } from './recovery.js';

/** What a {@link FileStore} is made of. */
export interface FileStoreOptions {
  /** A directory for this registry alone; made if missing. */
  directory: string;
  /** Whether a write is on the disk (fdatasync) before it is acknowledged; default true. */
  sync?: boolean;
  /** After this many changes, and as many as there are services, the log is folded into a snapshot; default 10,000. */
  compactAfter?: number;
}

interface Write {
  readonly id: string;
  readonly document: ServiceDocument | undefined;
  readonly expected: number;
  resolve(revision: number): void;
  reject(error: Error): void;
}

/**
 * Keeps services in a directory, for one process: an append-only log of changes, folded into a snapshot now and then.
 * A write is acknowledged when it is on the disk; writes that come together are synced together. A write that was cut
 * off by a crash is found by its checksum and left out; everything acknowledged before it is there.
 */
export class FileStore implements RegistryStore {
  readonly kind = 'file';
  readonly #directory: string;
  readonly #sync: boolean;
  readonly #compactAfter: number;
  #entries = new Map<string, StoredEntry>();
  #revision = 0;
  #listener: StoreListener | undefined;
  #lock: DirectoryLock | undefined;
  #log: FileHandle | undefined;
  #logBytes = 0;
  #logChanges = 0;
  #queue: Write[] = [];
  #flushing: Promise<void> | undefined;
  #recovery: FileStoreRecovery | undefined;
  /** Whether writes are taken; in-flight ones are finished all the same. */
  #taking = false;

  constructor(options: FileStoreOptions) {
    if (typeof options.directory !== 'string' || options.directory === '') {
      throw usageError('Expected the directory of a file store to be a path');
    }
    this.#directory = options.directory;
    this.#sync = options.sync ?? true;
    this.#compactAfter = options.compactAfter ?? 10_000;
  }

  /** What was found at {@link open}. */
  get recovery(): FileStoreRecovery | undefined {
    return this.#recovery;
  }

  async open(listener: StoreListener): Promise<void> {
    try {
      mkdirSync(this.#directory, { recursive: true });
      this.#lock = lockDirectory(this.#directory);
      const recovered = await recover(this.#directory, (key, why) => {
        listener.unreadable(key, why);
      });
      this.#entries = recovered.entries;
      this.#revision = recovered.revision;
      this.#recovery = recovered.report;
      await this.#openLog(recovered.logRevision ?? recovered.revision);
      this.#logChanges = recovered.logChanges;
    } catch (error) {
      await this.close();
      if (error instanceof DynoError) throw error;
      throw usageError(
        `The registry directory ${this.#directory} cannot be used: ${messageOf(error)}`,
        'Name a directory that can be made and written to.',
        error,
      );
    }
    this.#listener = listener;
    this.#taking = true;
    listener.opened({ revision: this.#revision, entries: [...this.#entries.values()] });
  }

  put(document: ServiceDocument, expected: number): Promise<number> {
    return this.#enqueue(document.id, document, expected);
  }

  remove(id: string, expected: number): Promise<number> {
    return this.#enqueue(id, undefined, expected);
  }

  async settle(): Promise<void> {
    await this.#flushing;
  }

  /** Heartbeats are not written down: after a restart every lease begins anew. */
  renew(): void {
    // One process, so there is nobody to tell.
  }

  async close(): Promise<void> {
    this.#taking = false;
    await this.#flushing;
    this.#listener = undefined;
    const log = this.#log;
    this.#log = undefined;
    await log?.close().catch(() => undefined);
    this.#lock?.release();
    this.#lock = undefined;
  }

  #enqueue(id: string, document: ServiceDocument | undefined, expected: number): Promise<number> {
    if (!this.#taking) {
      return Promise.reject(
        storeUnavailable(
          `The registry in ${this.#directory} is closed`,
          'Open it again before writing to it.',
        ),
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ id, document, expected, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    // Lets everything that is asked for in this turn of the event loop into the same sync.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      await this.#write(batch);
      if (this.#logChanges >= Math.max(this.#compactAfter, this.#entries.size)) await this.#compact();
    }
    this.#flushing = undefined;
  }

  async #write(batch: readonly Write[]): Promise<void> {
    const accepted: { write: Write; revision: number }[] = [];
    const inBatch = new Map<string, number>();
    let text = '';
    let revision = this.#revision;
    for (const write of batch) {
      const newest = inBatch.get(write.id) ?? this.#entries.get(write.id)?.revision ?? 0;
      if (newest !== write.expected) {
        write.reject(new StoreConflict(write.id));
        continue;
      }
      revision++;
      inBatch.set(write.id, write.document === undefined ? 0 : revision);
      accepted.push({ write, revision });
      text += encodeLine(
        write.document === undefined ? { revision, removed: write.id } : { revision, put: write.document },
      );
    }
    try {
      await this.#append(text);
    } catch (cause) {
      const error = storeUnavailable(
        `The registry cannot write to ${this.#directory}: ${messageOf(cause)}`,
        'Nothing was changed; look at the disk (space, rights), then try again.',
        cause,
      );
      for (const { write } of accepted) write.reject(error);
      return;
    }
    for (const { write, revision: reached } of accepted) {
      const { id, document } = write;
      this.#revision = reached;
      if (document === undefined) this.#entries.delete(id);
      else this.#entries.set(id, { revision: reached, document });
      this.#logChanges++;
      this.#listener?.changed({ revision: reached, id, ...(document && { document }) });
      write.resolve(reached);
    }
  }

  async #append(text: string): Promise<void> {
    if (text === '') return;
    const log = this.#log!;
    const bytes = Buffer.from(text);
    try {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await log.write(
          bytes,
          written,
          bytes.length - written,
          this.#logBytes + written,
        );
        written += bytesWritten;
      }
      if (this.#sync) await log.datasync();
    } catch (error) {
      // What did arrive is not acknowledged, and must not be in front of what will be.
      await log.truncate(this.#logBytes).catch(() => undefined);
      throw error;
    }
    this.#logBytes += bytes.length;
  }

  async #openLog(revision: number): Promise<void> {
    const path = generationFile(this.#directory, revision, 'log');
    // Not 'a': an append would ignore the place at which a torn tail is overwritten.
    this.#log = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return open(path, 'w+', 0o600);
    });
    this.#logBytes = (await this.#log.stat()).size;
    this.#logChanges = 0;
    await syncDirectory(this.#directory);
  }

  async #compact(): Promise<void> {
    const before = await listGenerations(this.#directory);
    try {
      const path = generationFile(this.#directory, this.#revision, 'snapshot');
      await writeWhole(this.#directory, path, this.#snapshotLines());
      const old = this.#log;
      await this.#openLog(this.#revision);
      await old?.close();
    } catch {
      // The log goes on as it was; tried again when it has grown as much once more.
      this.#logChanges = 0;
      return;
    }
    await this.#removeBefore(before);
  }

  /** Everything older than the newest snapshot before this one goes. */
  async #removeBefore(generations: readonly Generation[]): Promise<void> {
    const keep = generations.findLast((generation) => generation.snapshot)?.revision ?? 0;
    for (const { revision } of generations) {
      if (revision >= keep) continue;
      await rm(generationFile(this.#directory, revision, 'snapshot'), { force: true }).catch(() => undefined);
      await rm(generationFile(this.#directory, revision, 'log'), { force: true }).catch(() => undefined);
    }
  }

  *#snapshotLines(): Generator<string> {
    yield encodeLine({ registry: 'dyno.registry/1', revision: this.#revision, services: this.#entries.size });
    let chunk = '';
    for (const { revision, document } of this.#entries.values()) {
      chunk += encodeLine({ revision, put: document });
      if (chunk.length < 65_536) continue;
      yield chunk;
      chunk = '';
    }
    yield chunk;
  }
}
