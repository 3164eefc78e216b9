import { readFileSync, statSync } from 'node:fs';
import { isJsonObject, messageOf, usageError, type Json, type JsonObject } from '../../core/index.js';

/** What a file of arguments may hold at most: all sets are checked before a load, and held ready while it runs. */
export const corpusLimits = {
  /** Bytes of the file. */
  bytes: 32_000_000,
  /** Sets of arguments: lines, or rows. */
  sets: 100_000,
  /** Characters of one line. */
  line: 1_000_000,
} as const;

/** Where a set of arguments was written. */
export interface SetOrigin {
  file: string;
  line: number;
  /** The names in the first row of a CSV file. */
  columns?: readonly string[];
}

const origins = new WeakMap<JsonObject, SetOrigin>();

/** Remembers where a set was written, for errors. */
export function writtenAt(set: JsonObject, origin: SetOrigin): JsonObject {
  origins.set(set, origin);
  return set;
}

/** Where a set was written; undefined for one that came from no lines of a file. */
export function originOf(set: JsonObject): SetOrigin | undefined {
  return origins.get(set);
}

/**
 * The text of a file of arguments.
 *
 * @param what the option, for errors
 * @throws DynoError (104) where it cannot be read or is larger than the limit.
 */
export function readCorpus(path: string, file: string, what: string): string {
  let content: Buffer;
  try {
    refuseSize(statSync(path).size, file);
    content = readFileSync(path);
  } catch (cause) {
    if (cause instanceof Error && 'exitCode' in cause) throw cause;
    throw usageError(
      `Cannot read the arguments file '${file}' of ${what}: ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
  // A pipe has no size before it is read.
  refuseSize(content.length, file);
  return content.toString('utf8');
}

function refuseSize(bytes: number, file: string): void {
  if (bytes <= corpusLimits.bytes) return;
  throw usageError(
    `${file} has ${(bytes / 1e6).toFixed(1)} MB of arguments (at most ${corpusLimits.bytes / 1e6} MB)`,
    'A part of it will do: head -n 50000, or shuf -n 50000.',
  );
}

/** @throws DynoError (104) where there are more sets than the limit. */
export function refuseCount(count: number, file: string): void {
  if (count <= corpusLimits.sets) return;
  throw usageError(
    `${file} has more than ${corpusLimits.sets.toLocaleString('en')} sets of arguments`,
    'A part of it will do: head -n 50000, or shuf -n 50000.',
  );
}

/**
 * The sets of a file of JSON lines: one object a line; empty lines are passed over.
 *
 * @throws DynoError (104) that names the line and says what is wrong with it.
 */
export function jsonLineSets(text: string, file: string): JsonObject[] {
  const sets: JsonObject[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  for (let line = 1; at < text.length; line++) {
    const end = text.indexOf('\n', at);
    const stop = end === -1 ? text.length : end;
    const written = text.slice(at, stop).trim();
    at = stop + 1;
    if (written === '') continue;
    sets.push(writtenAt(lineSet(written, `${file}:${line}`), { file, line }));
    refuseCount(sets.length, file);
  }
  if (sets.length === 0) throw usageError(`Expected ${file} to hold a JSON object on each line, got none`);
  return sets;
}

function lineSet(text: string, place: string): JsonObject {
  if (text.length > corpusLimits.line) {
    throw usageError(
      `${place} is ${text.length.toLocaleString('en')} characters long (at most ${corpusLimits.line.toLocaleString('en')})`,
    );
  }
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw usageError(`Expected ${place} to be a JSON object: ${messageOf(cause)}`, undefined, cause);
  }
  if (isJsonObject(value)) return value;
  const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
  throw usageError(`Expected ${place} to be a JSON object, got ${kind}`);
}

/**
 * Looks whether a CSV file has a column for each argument that a tool requires.
 *
 * @throws DynoError (104) with the columns that it has and the arguments that the tool requires.
 */
export function checkColumns(
  set: JsonObject | undefined,
  tool: { name: string; inputSchema: JsonObject },
): void {
  const origin = set && originOf(set);
  if (origin?.columns === undefined) return;
  const { required } = tool.inputSchema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const missing = names.filter((name) => !origin.columns!.includes(name));
  if (missing.length === 0) return;
  const list = (texts: readonly string[]) => texts.map((text) => `'${text}'`).join(', ');
  throw usageError(
    `${origin.file} has no column ${list(missing)}, which ${tool.name} requires`,
    `It has ${list(origin.columns)}; ${tool.name} requires ${list(names)}.`,
  );
}
