import { isJsonObject, type Json, type JsonObject } from '../../core/index.js';
import type { Checker } from '../arguments/index.js';

/** Arguments that a schema forbids, and the keyword that does. */
export interface InvalidArguments {
  args: Json;
  keyword: string;
}

/** What is put in the place of each value, to see whether the schema forbids it there. */
const strange: readonly Json[] = [
  null,
  true,
  'no such choice \u{1f6ab}',
  '',
  'x'.repeat(5000),
  1.5,
  -1e9,
  1e12,
  [],
  [null],
  {},
];

const deepest = 4;
/** For one tool. */
const mostFound = 40;
const mostTried = 600;

/**
 * Arguments that are wrong each in one place: a required one left out, an unknown one added, a value of the wrong type or
 * out of range. Which are wrong is told by ajv, not by the validator that is tested; formats, which are advice, aside.
 *
 * @param valid arguments that fit
 */
export function invalidArguments(valid: JsonObject, checker: Checker): InvalidArguments[] {
  const found = new Map<string, InvalidArguments>();
  let tried = 0;
  for (const args of variations(valid, 0)) {
    if (++tried > mostTried || found.size >= mostFound) break;
    const error = checker.errors(args).find(({ keyword }) => keyword !== 'format');
    if (error === undefined) continue;
    // One of each kind at each place is enough.
    const { instancePath, keyword } = error;
    const missing = String((error.params as { missingProperty?: string }).missingProperty ?? '');
    const key = [instancePath, keyword, missing].join(' ');
    if (!found.has(key)) found.set(key, { args, keyword });
  }
  return [...found.values()];
}

function* variations(value: Json, depth: number): Generator<Json> {
  for (const other of strange) yield other;
  if (depth >= deepest || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    yield [...value, ...value];
    for (const [at, item] of value.slice(0, 2).entries()) {
      for (const other of variations(item, depth + 1))
        yield value.map((one, index) => (index === at ? other : one));
    }
    return;
  }
  for (const name of Object.keys(value)) {
    const { [name]: item, ...rest } = value;
    yield rest;
    for (const other of variations(item!, depth + 1)) yield { ...value, [name]: other };
  }
  if (isJsonObject(value)) yield { ...value, 'no such argument': 1 };
}
