import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { Schema } from './schema/keyword-places.js';
import { canonical } from './schema/unique-items.js';

/** True when a value is of one of the types that a schema names; true where it names none. */
export function hasType(types: Json | undefined, value: Json): boolean {
  if (types === undefined) return true;
  return (Array.isArray(types) ? types : [types]).some((type) => {
    switch (type) {
      case 'integer':
        return typeof value === 'number' && Number.isInteger(value);
      case 'null':
        return value === null;
      case 'array':
        return Array.isArray(value);
      case 'object':
        return isJsonObject(value);
      default:
        return typeof value === type;
    }
  });
}

/** What a `$ref` of a linked schema leads to. */
export function referred(schema: JsonObject, definitions: ReadonlyMap<string, Schema>): Schema | undefined {
  const { $ref } = schema;
  return typeof $ref === 'string' ? definitions.get($ref.slice('#/$defs/'.length)) : undefined;
}

/**
 * How well a value fits a schema, as a number to compare branches by: a discriminator (`const`, `enum`) that holds weighs
 * most, then the type, then properties that are there.
 */
export function schemaFit(
  schema: Schema,
  value: Json,
  definitions: ReadonlyMap<string, Schema>,
  depth = 0,
): number {
  if (typeof schema === 'boolean') return schema ? 0 : -1000;
  if (depth > 6) return 0;
  let fit = 0;
  const add = (part: Json | undefined) => {
    if (isJsonObject(part) || typeof part === 'boolean')
      fit += schemaFit(part, value, definitions, depth + 1);
  };
  add(referred(schema, definitions));
  if (Array.isArray(schema['allOf'])) schema['allOf'].forEach(add);
  if (schema['type'] !== undefined) fit += hasType(schema['type'], value) ? 10 : -50;
  if (schema['const'] !== undefined) fit += canonical(schema['const']) === canonical(value) ? 100 : -100;
  if (Array.isArray(schema['enum'])) {
    fit += schema['enum'].some((one) => canonical(one) === canonical(value)) ? 100 : -100;
  }
  if (!isJsonObject(value)) return fit;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  for (const [name, part] of Object.entries(properties)) {
    if (!Object.hasOwn(value, name)) continue;
    fit += 2;
    if (isJsonObject(part) || typeof part === 'boolean') {
      fit += Math.max(-100, Math.min(100, schemaFit(part, value[name]!, definitions, depth + 1)));
    }
  }
  for (const name of Array.isArray(schema['required']) ? schema['required'] : []) {
    if (typeof name === 'string' && !Object.hasOwn(value, name)) fit -= 5;
  }
  if (schema['additionalProperties'] === false) {
    fit -= Object.keys(value).filter((name) => !Object.hasOwn(properties, name)).length * 3;
  }
  return fit;
}
