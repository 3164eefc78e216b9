import { readFileSync } from 'node:fs';
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
import { csvSets } from './csv-sets.js';

/** Arguments that somebody gave, by tool; `forAll` are those of no tool in particular. */
export interface GivenArguments {
  byTool: ReadonlyMap<string, readonly JsonObject[]>;
  forAll: readonly JsonObject[] | undefined;
}

/**
 * Reads `--args` values: `JSON`, `@FILE`, `TOOL=JSON`, `TOOL=@FILE`. An array gives several sets, used in turn; a file
 * ending in .jsonl or .ndjson holds one set a line, one ending in .csv one set a row.
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
  let content: string;
  try {
    content = readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw usageError(
      `Cannot read the arguments file '${file}' of ${what}: ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
  if (extname(file).toLowerCase() === '.csv') return csvSets(content, file);
  if (!/^\.(jsonl|ndjson)$/.test(extname(file))) return setsOf(parseJsonc(content, file), file);
  return content
    .split('\n')
    .map((line, index) => [line, `${file}:${index + 1}`] as const)
    .filter(([line]) => line.trim() !== '')
    .flatMap(([line, place]) => setsOf(parse(line, place), place));
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
