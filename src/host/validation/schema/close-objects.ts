import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { isSchema, type Schema } from './keyword-places.js';
import type { LinkedSchema } from './link-schema.js';

/**
 * Closes every object whose properties a schema names: `unevaluatedProperties: false` is put where one subschema alone
 * describes a place of the value. Places that several subschemas describe at once (through `allOf`, `anyOf`, `if` …)
 * stay open below the first level, since what one does not know another may.
 *
 * Changes the linked schema, which is ours.
 */
export function closeObjects(linked: LinkedSchema): void {
  const shared = new Set<JsonObject>();
  const alone = new Map<JsonObject, boolean>();
  const ids = new Map<JsonObject, number>();
  const seen = new Set<string>();
  const waiting: JsonObject[][] = [];

  const visit = (schemas: Schema[]) => {
    const objects = schemas.filter((schema) => isJsonObject(schema));
    if (objects.length === 0) return;
    if (schemas.length > 1) for (const schema of objects) shared.add(schema);
    const key = objects
      .map((schema) => {
        let id = ids.get(schema);
        if (id === undefined) ids.set(schema, (id = ids.size));
        return id;
      })
      .sort((a, b) => a - b)
      .join();
    // A schema of many overlapping parts could give more combinations than are worth the work; they stay open.
    if (seen.has(key)) return;
    if (seen.size > 20_000) {
      for (const schema of objects) shared.add(schema);
      return;
    }
    seen.add(key);
    waiting.push(objects);
  };

  visit([linked.root]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const described = inPlace(next, linked.definitions);
    if (next.length === 1) {
      alone.set(next[0]!, namesProperties(described));
    }
    for (const place of places(described)) visit(place);
  }
  for (const [schema, closes] of alone) {
    if (!closes || shared.has(schema)) continue;
    if (schema['additionalProperties'] !== undefined || schema['unevaluatedProperties'] !== undefined) continue;
    const simple = !Object.keys(schema).some((keyword) => combining.has(keyword));
    schema[simple ? 'additionalProperties' : 'unevaluatedProperties'] = false;
  }
}

const combining = new Set(['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas']);

/** The schemas and everything that is evaluated against the same value with them. */
function inPlace(schemas: readonly JsonObject[], definitions: ReadonlyMap<string, Schema>): JsonObject[] {
  const found = new Set<JsonObject>();
  const add = (value: Json | undefined) => {
    if (!isJsonObject(value) || found.has(value)) return;
    found.add(value);
    const { $ref } = value;
    if (typeof $ref === 'string') add(definitions.get($ref.slice('#/$defs/'.length)));
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const list = value[keyword];
      if (Array.isArray(list)) list.forEach(add);
    }
    for (const keyword of ['if', 'then', 'else']) add(value[keyword]);
    if (isJsonObject(value['dependentSchemas'])) Object.values(value['dependentSchemas']).forEach(add);
  };
  schemas.forEach(add);
  return [...found];
}

function namesProperties(schemas: readonly JsonObject[]): boolean {
  return schemas.some(
    ({ properties }) => isJsonObject(properties) && Object.keys(properties).length > 0,
  );
}

/** The places within a value that the schemas describe, each with all that describes it. */
function* places(schemas: readonly JsonObject[]): Generator<Schema[]> {
  const named = new Set<string>();
  for (const { properties } of schemas) {
    if (isJsonObject(properties)) for (const name of Object.keys(properties)) named.add(name);
  }
  for (const name of named) {
    yield schemas.flatMap((schema) => {
      const own = isJsonObject(schema['properties']) ? schema['properties'][name] : undefined;
      if (isSchema(own)) return [own, ...values(schema['patternProperties'])];
      return [...values(schema['patternProperties']), ...one(schema['additionalProperties'])];
    });
  }
  const others = schemas.flatMap((schema) => [
    ...values(schema['patternProperties']),
    ...one(schema['additionalProperties']),
    ...one(schema['unevaluatedProperties']),
  ]);
  yield others;
  // A place of a list may be described by position, by `items` and by `unevaluatedItems`.
  let positions = 0;
  for (const { prefixItems } of schemas) {
    if (Array.isArray(prefixItems)) positions = Math.max(positions, prefixItems.length);
  }
  for (let i = 0; i <= positions; i++) {
    yield schemas.flatMap((schema) => {
      const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
      const own = i < prefix.length ? prefix[i] : schema['items'];
      return [...one(own), ...one(schema['unevaluatedItems'])];
    });
  }
}

function one(value: Json | undefined): Schema[] {
  return isJsonObject(value) ? [value] : [];
}

function values(value: Json | undefined): Schema[] {
  return isJsonObject(value) ? Object.values(value).filter((item) => isJsonObject(item)) : [];
}
