import type { Json, JsonObject } from '../../../core/json.js';
import { canonical } from '../schema/unique-items.js';
import { child } from '../validation-error.js';
import { isSchemaLike, schemasIn, type Mender } from './mender.js';

const maxAdded = 1000;

/** A list near `value` that the schema's own keywords for lists allow. */
export function mendArray(
  mender: Mender,
  schema: JsonObject,
  value: readonly Json[],
  path: string,
  depth: number,
): Json[] {
  const prefix = schemasIn(schema['prefixItems']);
  const rest = isSchemaLike(schema['items']) ? schema['items'] : undefined;
  const least = count(schema['minItems']) ?? 0;
  const most = Math.min(count(schema['maxItems']) ?? Infinity, rest === false ? prefix.length : Infinity);
  const at = (index: number) => (index < prefix.length ? prefix[index]! : rest);
  let items = value.slice(0, Math.min(value.length, most));
  items = items.map((item, index) => {
    const part = at(index);
    return part === undefined ? item : mender.mend(part, item, child(path, index), depth + 1);
  });
  while (items.length < Math.min(least, maxAdded)) {
    items.push(mender.invent(at(items.length) ?? true, child(path, items.length), depth + 1));
  }
  items = contained(mender, schema, items, most, path, depth);
  if (schema['uniqueItems'] === true) items = distinct(mender, items, least, at, path);
  if (schema['unevaluatedItems'] === false) items = items.slice(0, evaluatedItems(schema, items.length));
  return items;
}

function contained(
  mender: Mender,
  schema: JsonObject,
  items: Json[],
  most: number,
  path: string,
  depth: number,
): Json[] {
  const contains = schema['contains'];
  if (!isSchemaLike(contains)) return items;
  const least = count(schema['minContains']) ?? 1;
  const highest = count(schema['maxContains']) ?? Infinity;
  const mended = [...items];
  const found = () => mended.map((item) => mender.holds(contains, item));
  for (let tries = found().filter(Boolean).length; tries < Math.min(least, maxAdded); tries++) {
    if (mended.length < most) mended.push(mender.invent(contains, child(path, mended.length), depth + 1));
    else {
      const other = found().indexOf(false);
      if (other < 0) break;
      mended[other] = mender.invent(contains, child(path, other), depth + 1);
    }
  }
  for (let over = found().filter(Boolean).length - highest; over > 0; over--) {
    mended.splice(found().lastIndexOf(true), 1);
  }
  return mended;
}

/** Leaves out what occurs twice; where the list then is too short, puts something else in its place. */
function distinct(
  mender: Mender,
  items: readonly Json[],
  least: number,
  at: (index: number) => JsonObject | boolean | undefined,
  path: string,
): Json[] {
  const seen = new Set<string>();
  const kept = items.filter((item) => {
    const key = canonical(item);
    return !seen.has(key) && seen.add(key);
  });
  for (let index = kept.length; index < Math.min(least, maxAdded); index++) {
    const other = variations(kept, index).find(
      (candidate) => !seen.has(canonical(candidate)) && mender.holds(at(index) ?? true, candidate),
    );
    if (other === undefined) break;
    mender.note(child(path, index), 'invented');
    seen.add(canonical(other));
    kept.push(other);
  }
  return kept;
}

function variations(items: readonly Json[], index: number): Json[] {
  const last = items.at(-1);
  const near: Json[] = [];
  for (let k = 0; k <= index + 2; k++) {
    if (typeof last === 'number') near.push(last + k, last - k, last + k / 4);
    if (typeof last === 'string') near.push(`${last}${k}`, `${last.slice(0, -1)}${k}`, `${k}`);
    if (Array.isArray(last)) near.push([...last, k]);
    if (typeof last === 'object' && last !== null && !Array.isArray(last))
      near.push({ ...last, [`x${k}`]: k });
    near.push(k, String(k), `x${k}`);
  }
  return [...near, true, false, null, {}, []];
}

function evaluatedItems(schema: JsonObject, length: number): number {
  if (schema['items'] !== undefined || schema['contains'] !== undefined) return length;
  const nested = schemasIn(schema['allOf']).map((part) => (typeof part === 'boolean' ? 0 : prefixOf(part)));
  return Math.min(length, Math.max(prefixOf(schema), ...nested));
}

function prefixOf(schema: JsonObject): number {
  return Array.isArray(schema['prefixItems']) ? schema['prefixItems'].length : 0;
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? Math.ceil(value) : undefined;
}
