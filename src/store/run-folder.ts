import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { runFileName } from './run-file.js';

/** A run's id, and so the name of its folder: its moment and random digits. */
const idPattern = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z-[0-9a-z]+$/;

/** The ids of all stored runs, newest first; none where the folder is not there. */
export async function listRunIds(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => idPattern.test(name))
    .sort()
    .reverse();
}

/** The path of a stored run's file: compressed, or plain as an earlier version or a person put it there. */
export async function runPath(directory: string, id: string): Promise<string | undefined> {
  for (const name of [runFileName, 'run.json']) {
    const path = join(directory, id, name);
    if (await isFile(path)) return path;
  }
  return undefined;
}

/**
 * The run file that a person means: a path to a file or to a run's folder, an id or the unmistakable part of one, or
 * `latest`.
 *
 * @throws DynoError (104) when nothing or more than one run is meant.
 */
export async function findRun(directory: string, reference: string): Promise<string> {
  if (await isFile(reference)) return reference;
  const inFolder = await runPath(reference, '.');
  if (inFolder !== undefined) return inFolder;
  const ids = await listRunIds(directory);
  if (ids.length === 0)
    throw usageError(
      `There are no runs in ${directory}, and no file '${reference}'`,
      'dyno test and dyno load store them.',
    );
  const meant = reference === 'latest' ? ids.slice(0, 1) : ids.filter((id) => id.includes(reference));
  const [first] = meant;
  if (first === undefined) {
    const near = nearest(reference, ids);
    throw usageError(
      `There is no run '${reference}' in ${directory}`,
      near === undefined ? 'See dyno history.' : `Did you mean '${near}'?`,
    );
  }
  if (meant.length > 1) {
    throw usageError(
      `'${reference}' could be ${meant.length} runs: ${meant.slice(0, 3).join(', ')}${meant.length > 3 ? ', …' : ''}`,
      'Give more of the id.',
    );
  }
  const path = await runPath(directory, first);
  if (path === undefined)
    throw usageError(`The run ${first} has no run file`, `Delete ${join(directory, first)}.`);
  return path;
}

/** What retention keeps. */
export interface Retention {
  /** The newest so many runs. */
  keep?: number;
  /** Runs younger than this, ms. */
  maxAgeMs?: number;
}

/**
 * Deletes runs, reports in their folders included, that are beyond the count or the age. The newest always stays.
 *
 * @returns the deleted ids.
 */
export async function prune(directory: string, { keep, maxAgeMs }: Retention, now: Date): Promise<string[]> {
  const ids = await listRunIds(directory);
  const gone = ids.filter(
    (id, index) =>
      index > 0 &&
      ((keep !== undefined && index >= keep) ||
        (maxAgeMs !== undefined && now.getTime() - startOf(id) > maxAgeMs)),
  );
  for (const id of gone) await rm(join(directory, id), { recursive: true, force: true });
  return gone;
}

/** When a run began, by its id, ms since 1970. */
export function startOf(id: string): number {
  return Date.parse(id.slice(0, 20).replace(/T(\d\d)-(\d\d)-(\d\d)Z/, 'T$1:$2:$3Z'));
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
