import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { editDistance } from '../../../core/nearest.js';
import { hasType } from '../schema-fit.js';
import { child } from '../validation-error.js';
import { isSchemaLike, type Mender } from './mender.js';
import type { Schema } from '../schema/keyword-places.js';

/** An object near `value` that the schema's own keywords for objects allow. */
export function mendObject(
  mender: Mender,
  schema: JsonObject,
  value: JsonObject,
  path: string,
  depth: number,
): JsonObject {
  const properties = mapOf(schema['properties']);
  const patterns = mapOf(schema['patternProperties']);
  const additional = isSchemaLike(schema['additionalProperties'])
    ? schema['additionalProperties']
    : undefined;
  const closed = additional === false || schema['unevaluatedProperties'] === false;
  const required = namesIn(schema['required']);
  const mended: JsonObject = { ...value };
  const patternsOf = (name: string) =>
    [...patterns].filter(([pattern]) => mender.matches(pattern, name)).map(([, part]) => part);

  // A misspelt name, before it is taken for an unknown one.
  for (const name of [...properties.keys()].filter((one) => !Object.hasOwn(mended, one))) {
    if (!closed && !required.includes(name)) continue;
    const meant = Object.keys(mended).find(
      (other) => !properties.has(other) && patternsOf(other).length === 0 && similar(other, name),
    );
    if (meant === undefined) continue;
    mended[name] = mended[meant]!;
    mender.note(child(path, name), 'converted');
    delete mended[meant];
  }
  for (const name of Object.keys(mended)) {
    const parts: Schema[] = [...patternsOf(name)];
    const own = properties.get(name);
    if (own !== undefined) parts.push(own);
    const unknown = parts.length === 0;
    if (unknown && additional !== undefined) parts.push(additional);
    const names = schema['propertyNames'];
    const misnamed = isSchemaLike(names) && !mender.holds(names, name);
    const unevaluated = unknown && schema['unevaluatedProperties'] === false && !knows(mender, schema, name);
    if (parts.includes(false) || misnamed || unevaluated) {
      delete mended[name];
      continue;
    }
    // Models write null for "not given".
    if (mended[name] === null && !required.includes(name) && parts.some((part) => excludesNull(part))) {
      delete mended[name];
      continue;
    }
    for (const part of parts) mended[name] = mender.mend(part, mended[name]!, child(path, name), depth + 1);
  }
  const add = (name: string) => {
    if (Object.hasOwn(mended, name)) return;
    const part = properties.get(name) ?? patternsOf(name)[0] ?? additional ?? true;
    const made = mender.invent(part, child(path, name), depth + 1);
    // A plain assignment would set the prototype for one hostile name.
    Object.defineProperty(mended, name, {
      value: made,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  };
  required.forEach(add);
  depend(mender, schema, mended, add, path, depth);
  resize(mender, schema, mended, required, properties, add);
  return mended;
}

function depend(
  mender: Mender,
  schema: JsonObject,
  mended: JsonObject,
  add: (name: string) => void,
  path: string,
  depth: number,
): void {
  for (let round = 0; round < 8; round++) {
    const before = Object.keys(mended).length;
    for (const [name, others] of Object.entries(objectOf(schema['dependentRequired']))) {
      if (Object.hasOwn(mended, name)) namesIn(others).forEach(add);
    }
    if (Object.keys(mended).length === before) break;
  }
  for (const [name, part] of mapOf(schema['dependentSchemas'])) {
    if (!Object.hasOwn(mended, name)) continue;
    const next = mender.mend(part, mended, path, depth + 1);
    if (!mender.holds(part, next)) {
      delete mended[name];
      continue;
    }
    if (!isJsonObject(next)) continue;
    for (const key of Object.keys(mended)) if (!Object.hasOwn(next, key)) delete mended[key];
    Object.assign(mended, next);
  }
}

function resize(
  mender: Mender,
  schema: JsonObject,
  mended: JsonObject,
  required: readonly string[],
  properties: ReadonlyMap<string, Schema>,
  add: (name: string) => void,
): void {
  const least = typeof schema['minProperties'] === 'number' ? Math.min(schema['minProperties'], 1000) : 0;
  const optional = [...properties].filter(([, part]) => part !== false).map(([name]) => name);
  const made = Array.from({ length: least }, (_, i) => `property${i + 1}`);
  const names = schema['propertyNames'];
  for (const name of [...optional, ...made]) {
    if (Object.keys(mended).length >= least) break;
    if (!isSchemaLike(names) || mender.holds(names, name)) add(name);
  }
  const most = typeof schema['maxProperties'] === 'number' ? schema['maxProperties'] : Infinity;
  const spare = Object.keys(mended).filter((name) => !required.includes(name));
  // Unknown ones go first.
  spare.sort((a, b) => Number(properties.has(a)) - Number(properties.has(b)));
  for (const name of spare) {
    if (Object.keys(mended).length <= most) break;
    delete mended[name];
  }
}

/** True when some part of the schema that is evaluated in place allows the property. */
function knows(mender: Mender, schema: JsonObject, name: string): boolean {
  return mender.holds({ ...schema, required: [], unevaluatedProperties: false }, { [name]: null })
    ? true
    : combined(schema).some((part) => Object.hasOwn(objectOf(part['properties']), name));
}

function combined(schema: JsonObject): JsonObject[] {
  return ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => {
    const list = schema[keyword];
    return Array.isArray(list) ? list.filter((part) => isJsonObject(part)) : [];
  });
}

function excludesNull(schema: Schema): boolean {
  if (typeof schema === 'boolean') return !schema;
  if (schema['type'] !== undefined) return !hasType(schema['type'], null);
  return Array.isArray(schema['enum']) && !schema['enum'].includes(null);
}

/** `cityName`, `city_name` and `citynam` all mean `city-name`. */
function similar(a: string, b: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const [x, y] = [plain(a), plain(b)];
  if (x === '' || y === '' || x.length > 64 || y.length > 64) return false;
  const shortest = Math.min(x.length, y.length);
  return x === y || (shortest >= 4 && editDistance(x, y) <= (shortest >= 6 ? 2 : 1));
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function mapOf(value: Json | undefined): Map<string, Schema> {
  return new Map(
    Object.entries(objectOf(value)).filter((entry): entry is [string, Schema] => isSchemaLike(entry[1])),
  );
}

function namesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
