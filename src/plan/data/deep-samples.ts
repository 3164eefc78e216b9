import { isJsonObject, type Json, type JsonObject } from '../../core/index.js';
import type { Checker } from '../arguments/index.js';
import type { DataSample } from './data-shape.js';
import { isClosed, nameOf, typesOf, valueAt, withValue, type Place, type Step } from './places.js';

/** Levels that are tried: parsers give up at 64 (.NET), 512 (PHP) or 1,000 (Python, Jackson). */
const levels = [10, 60, 100, 500, 1000];

/**
 * Arguments nested as deep as the schema allows, where it allows objects or lists of any kind, or refers to itself.
 *
 * @param bytes of the arguments as JSON, at most
 */
export function deepSamples(
  places: readonly Place[],
  checker: Pick<Checker, 'errors'>,
  bytes: number,
): DataSample[] {
  const found: DataSample[] = [];
  const nested: Place[] = [];
  for (const place of places) {
    const nest = nested.some((outer) => isWithin(place, outer)) ? undefined : nesting(place, places);
    if (nest === undefined) continue;
    nested.push(place);
    for (const depth of levels) {
      const args = withValue(place.args, place.path, nest(depth));
      if (JSON.stringify(args).length > bytes || checker.errors(args).length > 0) break;
      found.push({ shape: 'deep', name: `${nameOf(place.path)} ${depth} levels deep`, args });
    }
    if (found.length >= levels.length * 3) break;
  }
  return found;
}

function isWithin({ path }: Place, outer: Place): boolean {
  return path.length > outer.path.length && outer.path.every((step, index) => path[index] === step);
}

/** How a value of any depth is made for a place; undefined where its schema fixes the depth. */
function nesting(place: Place, places: readonly Place[]): ((depth: number) => Json) | undefined {
  const { schema, path } = place;
  if (isClosed(schema)) return undefined;
  const inner = places.find((other) => isWithin(other, place) && refersTo(other, place));
  if (inner !== undefined) return (depth) => grafted(inner, place, depth);
  const types = typesOf(schema);
  if (openObject(schema, types, path)) return (depth) => chain(depth, (value) => ({ d: value }));
  if (openList(schema, types)) return (depth) => chain(depth, (value) => [value]);
  return undefined;
}

/** The inner place's schema is that of the outer one, so that one may be put into the other. */
function refersTo(inner: Place, outer: Place): boolean {
  if (inner.reference === undefined) return false;
  return outer.path.length === 0 ? inner.reference === '#' : inner.reference === outer.reference;
}

function grafted(inner: Place, outer: Place, depth: number): Json {
  const template = valueAt(inner.args, outer.path) as JsonObject;
  const within: Step[] = inner.path.slice(outer.path.length);
  let value: Json = template;
  for (let level = 1; level < depth; level++) value = withValue(template, within, value);
  return value;
}

function openObject(schema: JsonObject, types: readonly string[], path: readonly Step[]): boolean {
  const any = types.length === 0 && !isShaped(schema) && path.length > 0;
  if (any) return true;
  if (!types.includes('object')) return false;
  const more = schema['additionalProperties'];
  const named = isJsonObject(schema['properties']) && Object.keys(schema['properties']).length > 0;
  if (named || schema['patternProperties'] !== undefined || schema['propertyNames'] !== undefined)
    return false;
  // A tool without arguments is not one that takes any.
  return path.length === 0 ? more === true : more === undefined || more === true || isEmpty(more);
}

function openList(schema: JsonObject, types: readonly string[]): boolean {
  const { items, prefixItems } = schema;
  return (
    types.includes('array') &&
    prefixItems === undefined &&
    (items === undefined || items === true || isEmpty(items))
  );
}

/** Whether a schema without a type says anything of the value. */
function isShaped(schema: JsonObject): boolean {
  const says = [
    'properties',
    'items',
    'prefixItems',
    'anyOf',
    'oneOf',
    'not',
    'if',
    'contains',
    'format',
    'pattern',
  ];
  return says.some((keyword) => schema[keyword] !== undefined);
}

function isEmpty(schema: Json | undefined): boolean {
  return isJsonObject(schema) && Object.keys(schema).every((key) => key === 'description' || key === 'title');
}

function chain(depth: number, around: (value: Json) => Json): Json {
  let value: Json = around('deep');
  for (let level = 1; level < depth; level++) value = around(value);
  return value;
}
