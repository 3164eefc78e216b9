import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';

/** References are followed this often in a row. */
const mostReferences = 8;

/** The schema behind local references (`#/$defs/x`, `#/definitions/x`); undefined for what cannot be followed. */
export function resolve(schema: Json | undefined, root: JsonObject): JsonObject | undefined {
  let current: Json | undefined = schema;
  for (let i = 0; i < mostReferences; i++) {
    if (!isJsonObject(current)) return undefined;
    const reference = current['$ref'];
    if (typeof reference !== 'string') return current;
    const path = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference);
    const group = path === null ? undefined : root[path[1]!];
    const name = path?.[2]?.replace(/~1/g, '/').replace(/~0/g, '~');
    current = isJsonObject(group) && Object.hasOwn(group, name!) ? group[name!] : undefined;
  }
  return undefined;
}

/** The types that a schema names; empty where it names none. */
export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  const listed = Array.isArray(type) ? type : [type];
  return listed.filter((one): one is string => typeof one === 'string');
}

/** The alternatives of a schema: its `anyOf` or `oneOf`. */
export function branchesOf(schema: JsonObject): Json[] {
  for (const keyword of ['anyOf', 'oneOf']) {
    const branches = schema[keyword];
    if (Array.isArray(branches)) return branches;
  }
  return [];
}

/** The names that an object schema requires. */
export function requiredOf(schema: JsonObject): string[] {
  const { required } = schema;
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}
