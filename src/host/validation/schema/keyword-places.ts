import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';

/** Keywords whose value is one schema. */
export const schemaKeywords: readonly string[] = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'additionalProperties',
  'additionalItems',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contentSchema',
  'items',
];

/** Keywords whose value is a list of schemas. */
export const schemaListKeywords: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];

/** Keywords whose value is a map of schemas. */
export const schemaMapKeywords: readonly string[] = [
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
];

/** A schema: an object, or true or false. */
export type Schema = JsonObject | boolean;

/** True for what can be a schema. */
export function isSchema(value: Json | undefined): value is Schema {
  return typeof value === 'boolean' || isJsonObject(value);
}

/** Every schema object that stands directly within another one. */
export function* subschemas(schema: JsonObject): Generator<JsonObject> {
  for (const keyword of schemaKeywords) {
    const value = schema[keyword];
    if (isJsonObject(value)) yield value;
  }
  for (const keyword of schemaListKeywords) {
    const value = schema[keyword];
    if (Array.isArray(value)) for (const item of value) if (isJsonObject(item)) yield item;
  }
  for (const keyword of schemaMapKeywords) {
    const value = schema[keyword];
    if (isJsonObject(value)) for (const item of Object.values(value)) if (isJsonObject(item)) yield item;
  }
}
