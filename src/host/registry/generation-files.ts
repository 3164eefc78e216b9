import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * The files of a {@link FileStore}. A generation is named by the revision that it begins with: `R.snapshot` holds
 * everything at revision R, `R.log` what came after. A snapshot appears whole (written beside, synced, renamed) and the
 * generation before stays until the next, so that one damaged file does not cost the registry.
 */
export interface Generation {
  readonly revision: number;
  readonly snapshot: boolean;
  readonly log: boolean;
}

const digits = 16;

/** The path of a generation's file. */
export function generationFile(directory: string, revision: number, kind: 'snapshot' | 'log'): string {
  return join(directory, `${String(revision).padStart(digits, '0')}.${kind}`);
}

/** The generations of a directory (made if missing), oldest first. Leftovers of a broken write are removed. */
export async function listGenerations(directory: string): Promise<Generation[]> {
  await mkdir(directory, { recursive: true });
  const found = new Map<number, { snapshot: boolean; log: boolean }>();
  for (const name of await readdir(directory)) {
    if (name.endsWith('.snapshot.new')) await rm(join(directory, name), { force: true });
    const match = /^(\d{16})\.(snapshot|log)$/.exec(name);
    if (match === null) continue;
    const revision = Number(match[1]);
    const generation = found.get(revision) ?? { snapshot: false, log: false };
    generation[match[2] as 'snapshot' | 'log'] = true;
    found.set(revision, generation);
  }
  return [...found].map(([revision, has]) => ({ revision, ...has })).sort((a, b) => a.revision - b.revision);
}

/** One line of a file: the checksum of the rest, a space, JSON, a line feed. */
export function encodeLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

/** The value of a line without its line feed; undefined when it is damaged. */
export function decodeLine(line: string): unknown {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The whole lines of a file. `torn` is what stands after the last line feed: a write that was cut off. `end` is the
 * byte at which the whole lines end.
 */
export async function readLines(path: string): Promise<{ lines: string[]; torn: number; end: number }> {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(10) + 1;
  const lines =
    end === 0
      ? []
      : bytes
          .subarray(0, end - 1)
          .toString('utf8')
          .split('\n');
  return { lines, torn: bytes.length - end, end };
}

/** Writes a file so that it is there whole or not at all, also after a power cut. */
export async function writeWhole(directory: string, path: string, chunks: Iterable<string>): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await syncDirectory(directory);
}

/** Makes new names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
