import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { stem } from '../../discovery/text/stem.js';
import { holds } from './holds.js';
import { branchesOf, resolve, typesOf } from './schema-node.js';

/** A value made fit for a schema. */
export interface Coerced {
  value: Json;
  /** 1 for the value as it came, less the more it was changed. */
  fit: number;
  /** How it was changed; undefined for as it came. */
  how?: string;
  /** True where only a full validator can tell whether the schema holds. */
  uncertain: boolean;
}

const maxDepth = 6;
const longestText = 100_000;

/**
 * The given value, or the nearest one of the same meaning, that the schema allows: `"5"` for a whole number becomes 5,
 * `"High"` becomes the enum's `high`, one value becomes a list of one. Nothing is clamped, cut or guessed. Undefined where
 * the schema has no room for it.
 */
export function coerce(value: Json, schema: JsonObject, root: JsonObject, depth = 0): Coerced | undefined {
  let uncertain: Coerced | undefined;
  for (const candidate of candidates(value, schema, root, depth)) {
    const verdict = holds(candidate.value, schema, root);
    if (verdict === 'yes') return { ...candidate, uncertain: false };
    if (verdict === 'unknown') uncertain ??= { ...candidate, uncertain: true };
  }
  return uncertain;
}

type Candidate = Omit<Coerced, 'uncertain'>;

function* candidates(value: Json, schema: JsonObject, root: JsonObject, depth: number): Generator<Candidate> {
  yield { value, fit: 1 };
  if (depth > maxDepth) return;
  const own = resolve(schema, root);
  if (own === undefined) return;
  if (Array.isArray(own['enum'])) yield* enumMembers(value, own['enum']);
  for (const type of typesOf(own)) yield* ofType(value, type, own, root, depth);
  for (const branch of branchesOf(own)) {
    if (!isJsonObject(branch)) continue;
    const inner = coerce(value, branch, root, depth + 1);
    if (inner !== undefined)
      yield { value: inner.value, fit: inner.fit, ...(inner.how && { how: inner.how }) };
  }
}

function* ofType(
  value: Json,
  type: string,
  schema: JsonObject,
  root: JsonObject,
  depth: number,
): Generator<Candidate> {
  switch (type) {
    case 'string':
      yield* texts(value, schema['format']);
      return;
    case 'number':
    case 'integer': {
      const number = numberOf(value);
      if (number !== undefined) yield { value: number, fit: 0.95, how: 'read as a number' };
      return;
    }
    case 'boolean': {
      const truth = truthOf(value);
      if (truth !== undefined) yield { value: truth, fit: 0.9, how: 'read as yes or no' };
      return;
    }
    case 'array':
      yield* lists(value, schema, root, depth);
      return;
    case 'object':
      yield* objects(value, schema, root, depth);
      return;
  }
}

function* texts(value: Json, format: Json | undefined): Generator<Candidate> {
  if (typeof value === 'number' || typeof value === 'boolean') {
    yield { value: String(value), fit: 0.9, how: 'written as text' };
    return;
  }
  if (typeof value !== 'string' || value.length > longestText) return;
  const trimmed = value.trim();
  if (trimmed !== value && trimmed !== '') yield { value: trimmed, fit: 0.95, how: 'trimmed' };
  switch (format) {
    case 'date-time':
      if (/^\d{4}-\d\d-\d\d$/.test(trimmed)) {
        yield { value: `${trimmed}T00:00:00Z`, fit: 0.8, how: 'taken as the beginning of the day, UTC' };
      }
      return;
    case 'date': {
      const day = /^(\d{4}-\d\d-\d\d)T/.exec(trimmed)?.[1];
      if (day !== undefined) yield { value: day, fit: 0.8, how: 'reduced to the day' };
      return;
    }
    case 'email': {
      const address = /<([^<>\s]{3,254})>$/.exec(trimmed)?.[1];
      if (address !== undefined) yield { value: address, fit: 0.9, how: 'reduced to the address' };
      return;
    }
    case 'uri':
    case 'url':
      if (/^[a-z0-9-]+(\.[a-z0-9-]+)+(\/|$)/i.test(trimmed)) {
        yield { value: `https://${trimmed}`, fit: 0.8, how: 'taken as an https address' };
      }
      return;
  }
}

function numberOf(value: Json): number | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const plain = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replace(/,/g, '') : text;
  return /^[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}

function truthOf(value: Json): boolean | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  if (['true', 'yes', 'y', 'on'].includes(word)) return true;
  return ['false', 'no', 'n', 'off'].includes(word) ? false : undefined;
}

function* lists(value: Json, schema: JsonObject, root: JsonObject, depth: number): Generator<Candidate> {
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  const make = (values: readonly Json[], fit: number, how: string): Candidate | undefined => {
    const made = values.map((one) => coerce(one, items, root, depth + 1));
    if (made.some((one) => one === undefined)) return undefined;
    return { value: made.map((one) => one!.value), fit: Math.min(fit, ...made.map((one) => one!.fit)), how };
  };
  if (Array.isArray(value)) {
    const made = make(value, 0.95, 'each item made fit');
    if (made !== undefined) yield made;
    return;
  }
  if (typeof value === 'string' && /[,;]/.test(value)) {
    const parts = value.split(/[,;]/).map((part) => part.trim());
    const made = parts.includes('') ? undefined : make(parts, 0.75, 'taken apart at the commas');
    // Commas are also part of sentences: only short items are items.
    if (made !== undefined && parts.every((part) => part.split(' ').length <= 3)) yield made;
  }
  const made = make([value], 0.85, 'made a list of one');
  if (made !== undefined) yield made;
}

function* objects(value: Json, schema: JsonObject, root: JsonObject, depth: number): Generator<Candidate> {
  if (!isJsonObject(value) || !isJsonObject(schema['properties'])) return;
  const properties = schema['properties'];
  const made: JsonObject = {};
  let fit = 0.95;
  for (const [name, one] of Object.entries(value)) {
    if (!Object.hasOwn(properties, name) || !isJsonObject(properties[name])) {
      made[name] = one;
      continue;
    }
    const inner = coerce(one, properties[name], root, depth + 1);
    if (inner === undefined) return;
    made[name] = inner.value;
    fit = Math.min(fit, inner.fit);
  }
  yield { value: made, fit, how: 'its members made fit' };
}

/** The members of an enum that the value may mean: the same but for case and separators, or the only one it begins. */
function* enumMembers(value: Json, members: readonly Json[]): Generator<Candidate> {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return;
  const wanted = plain(String(value));
  if (wanted === '') return;
  for (const member of members) {
    if (member !== value && plain(String(member)) === wanted) {
      yield { value: member, fit: 0.95, how: `taken as ${JSON.stringify(member)}` };
    }
  }
  const stemmed = stem(wanted);
  const near = members.filter((member) => {
    if (typeof member !== 'string') return false;
    const text = plain(member);
    if (stem(text) === stemmed) return true;
    const [short, long] = text.length < wanted.length ? [text, wanted] : [wanted, text];
    return short.length >= 3 && long.startsWith(short);
  });
  if (near.length === 1) yield { value: near[0]!, fit: 0.85, how: `taken as ${JSON.stringify(near[0])}` };
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[\s_-]+/g, '');
}
