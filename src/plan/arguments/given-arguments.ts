import { extname, resolve } from 'node:path';
import {
  isJsonObject,
  messageOf,
  parseJsonc,
  secrets,
  usageError,
  type Json,
  type JsonObject,
} from '../../core/index.js';
import { jsonLineSets, readCorpus } from './corpus.js';
import { csvSets } from './csv-sets.js';

/** Arguments that somebody gave, by tool; `forAll` are those of no tool in particular. */
export interface GivenArguments {
  byTool: ReadonlyMap<string, readonly JsonObject[]>;
  forAll: readonly JsonObject[] | undefined;
}

/**
 * Reads `--args` values: `JSON`, `@FILE`, `TOOL=JSON`, `TOOL=@FILE`. An array gives several sets, used in turn; a file
 * ending in .jsonl or .ndjson holds one set a line, one ending in .csv one set a row; both within {@link corpusLimits}.
 *
 * @throws DynoError (104) that says what was expected and where.
 */
export function parseGivenArguments(values: readonly string[], what: string, cwd: string): GivenArguments {
  const byTool = new Map<string, JsonObject[]>();
  let forAll: JsonObject[] | undefined;
  for (const value of values) {
    const text = value.trim();
    if (/^[{[@]/.test(text)) {
      forAll = [...(forAll ?? []), ...readSets(text, what, cwd)];
      continue;
    }
    const named = /^([^={[@\s][^=]*)=\s*([{[@].*)$/s.exec(text);
    if (!named) {
      throw usageError(
        `Expected ${what} to be JSON, @FILE, TOOL=JSON or TOOL=@FILE, got '${cut(text)}'`,
        `Such as ${what} '{"message":"hi"}' or ${what} 'echo={"message":"hi"}'.`,
      );
    }
    const tool = named[1]!.trim();
    byTool.set(tool, [...(byTool.get(tool) ?? []), ...readSets(named[2]!, what, cwd)]);
  }
  return { byTool, forAll };
}

/** One or several sets of arguments from JSON or `@FILE`. */
export function readSets(text: string, what: string, cwd: string): JsonObject[] {
  if (!text.startsWith('@')) return setsOf(parse(text, what), what);
  const file = text.slice(1);
  const content = readCorpus(resolve(cwd, file), file, what);
  const kind = extname(file).toLowerCase();
  if (kind === '.csv') return csvSets(content, file);
  if (kind !== '.jsonl' && kind !== '.ndjson') return setsOf(parseJsonc(content, file), file);
  const sets = jsonLineSets(content, file);
  secrets.addMembers(sets);
  return sets;
}

function parse(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw usageError(
      `Expected ${what} to be JSON, got '${cut(text)}': ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
}

function setsOf(value: Json, what: string): JsonObject[] {
  const sets = Array.isArray(value) ? value : [value];
  // A password that a tool takes is in every request, and in every run file that tells what was sent.
  secrets.addMembers(sets);
  if (sets.length === 0 || !sets.every(isJsonObject)) {
    throw usageError(
      `Expected ${what} to hold a JSON object, or an array of them, got ${cut(JSON.stringify(value))}`,
    );
  }
  return sets;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
