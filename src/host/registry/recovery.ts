import { truncate } from 'node:fs/promises';
import { isJsonObject, messageOf, usageError } from '../../core/index.js';
import { decodeLine, generationFile, listGenerations, readLines } from './generation-files.js';
import { checkDocument } from './registration.js';
import type { ServiceDocument } from './service.js';

/** A document with the revision at which it was written. */
export interface StoredEntry {
  readonly revision: number;
  readonly document: ServiceDocument;
}

/** What was found when a file store was opened. */
export interface FileStoreRecovery {
  readonly services: number;
  readonly revision: number;
  /** Bytes of a write that was cut off by a crash; they were never acknowledged, and are removed. */
  readonly tornBytes: number;
  /** Lines that do not match their checksum (a damaged disk); their changes are lost, the others are kept. */
  readonly damagedLines: number;
  /** Snapshots that could not be read, so that an older one and its log were taken. */
  readonly damagedSnapshots: number;
}

interface Recovered {
  entries: Map<string, StoredEntry>;
  revision: number;
  /** The generation whose log is to be appended to; undefined when there is none. */
  logRevision: number | undefined;
  logChanges: number;
  report: FileStoreRecovery;
}

type Unreadable = (key: string, why: string) => void;

/**
 * What a directory holds: its newest whole snapshot and every change logged since.
 *
 * @throws DynoError (104) when there are snapshots, but none can be read: an empty registry would be a lie.
 */
export async function recover(directory: string, unreadable: Unreadable): Promise<Recovered> {
  const generations = await listGenerations(directory);
  let entries = new Map<string, StoredEntry>();
  let revision = 0;
  let start = 0;
  let damagedSnapshots = 0;
  const snapshots = generations.filter((generation) => generation.snapshot).reverse();
  for (const generation of snapshots) {
    const snapshot = await readSnapshot(directory, generation.revision, unreadable);
    if (snapshot !== undefined) {
      entries = snapshot;
      revision = start = generation.revision;
      break;
    }
    damagedSnapshots++;
  }
  const fromTheStart = generations.some((generation) => generation.revision === 0 && generation.log);
  if (snapshots.length > 0 && damagedSnapshots === snapshots.length && !fromTheStart) {
    throw usageError(
      `No snapshot in the registry directory ${directory} can be read`,
      'Restore the directory from a copy, or empty it to begin anew.',
    );
  }

  let damagedLines = 0;
  let tornBytes = 0;
  let logChanges = 0;
  let logRevision: number | undefined;
  for (const generation of generations) {
    if (!generation.log || generation.revision < start) continue;
    const path = generationFile(directory, generation.revision, 'log');
    const { lines, torn, end } = await readLines(path);
    if (torn > 0) await truncate(path, end);
    tornBytes += torn;
    logRevision = generation.revision;
    logChanges = lines.length;
    for (const line of lines) {
      const change = readChange(decodeLine(line), unreadable);
      if (change === undefined) damagedLines++;
      else if (change.revision > revision) {
        revision = change.revision;
        if (change.document === undefined) entries.delete(change.id);
        else entries.set(change.id, { revision, document: change.document });
      }
    }
  }
  return {
    entries,
    revision,
    logRevision,
    logChanges,
    report: { services: entries.size, revision, tornBytes, damagedLines, damagedSnapshots },
  };
}

async function readSnapshot(
  directory: string,
  revision: number,
  unreadable: Unreadable,
): Promise<Map<string, StoredEntry> | undefined> {
  const { lines, torn } = await readLines(generationFile(directory, revision, 'snapshot'));
  const head = decodeLine(lines[0] ?? '');
  if (torn > 0 || !isJsonObject(head) || head['revision'] !== revision) return undefined;
  if (lines.length - 1 !== head['services']) return undefined;
  const entries = new Map<string, StoredEntry>();
  for (const line of lines.slice(1)) {
    const value = decodeLine(line);
    if (value === undefined) return undefined;
    const change = readChange(value, unreadable);
    if (change?.document) entries.set(change.id, { revision: change.revision, document: change.document });
  }
  return entries;
}

function readChange(
  value: unknown,
  unreadable: Unreadable,
): { revision: number; id: string; document?: ServiceDocument } | undefined {
  if (!isJsonObject(value) || typeof value['revision'] !== 'number') return undefined;
  const { revision, removed, put } = value;
  if (typeof removed === 'string') return { revision, id: removed };
  try {
    const document = checkDocument(put);
    return { revision, id: document.id, document };
  } catch (error) {
    unreadable(isJsonObject(put) ? String(put['id']) : '?', messageOf(error));
    return undefined;
  }
}
