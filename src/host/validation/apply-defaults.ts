import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { Schema } from './schema/keyword-places.js';
import type { LinkedSchema } from './schema/link-schema.js';
import { referred } from './schema-fit.js';

/**
 * A copy of a value with the defaults of the schema where properties are missing; objects that are missing themselves are
 * not made up. Defaults within `anyOf`, `oneOf`, `if` and `not` are left alone, since it is not known which holds.
 */
export function applyDefaults(linked: LinkedSchema, value: Json): Json {
  const copy = structuredClone(value);
  fill(linked.root, copy, linked.definitions, 0);
  return copy;
}

function fill(
  schema: Schema | undefined,
  value: Json,
  definitions: ReadonlyMap<string, Schema>,
  depth: number,
): void {
  if (schema === undefined || typeof schema === 'boolean' || depth > 64) return;
  fill(referred(schema, definitions), value, definitions, depth + 1);
  if (Array.isArray(schema['allOf'])) {
    for (const part of schema['allOf']) if (isJsonObject(part)) fill(part, value, definitions, depth + 1);
  }
  if (Array.isArray(value)) {
    const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
    for (const [index, item] of value.entries()) {
      const part = index < prefix.length ? prefix[index] : schema['items'];
      if (isJsonObject(part)) fill(part, item, definitions, depth + 1);
    }
  } else if (isJsonObject(value) && isJsonObject(schema['properties'])) {
    for (const [name, part] of Object.entries(schema['properties'])) {
      if (!isJsonObject(part)) continue;
      if (!Object.hasOwn(value, name)) {
        const preset = defaultOf(part, definitions, 0);
        if (preset === undefined) continue;
        value[name] = structuredClone(preset);
      }
      fill(part, value[name]!, definitions, depth + 1);
    }
  }
}

function defaultOf(
  schema: JsonObject,
  definitions: ReadonlyMap<string, Schema>,
  depth: number,
): Json | undefined {
  if (schema['default'] !== undefined || depth > 16) return schema['default'];
  const target = referred(schema, definitions);
  return isJsonObject(target) ? defaultOf(target, definitions, depth + 1) : undefined;
}
