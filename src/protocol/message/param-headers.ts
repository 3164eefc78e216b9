import { isJsonObject, type JsonObject } from '../../core/json.js';

/** An argument that also travels as a header `Mcp-Param-…` (2026-07-28, "Schema Extension"). */
export interface HeaderMark {
  /** Keys from the arguments' root. */
  path: readonly string[];
  /** The part after `Mcp-Param-`, as written. */
  name: string;
  type: 'string' | 'integer' | 'boolean';
}

/** The marks of an input schema, or why it is invalid. */
export type HeaderMarks = { valid: true; marks: readonly HeaderMark[] } | { valid: false; reason: string };

const noMarks: HeaderMarks = { valid: true, marks: [] };
const seen = new WeakMap<JsonObject, HeaderMarks>();
const maxDepth = 64;

/** Keywords that hold one subschema or a list of them; a mark below them cannot be reached by keys alone. */
const unreachable = [
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
] as const;

/** Keywords that hold subschemas by name, not reachable by keys alone either. */
const unreachableMaps = ['patternProperties', 'dependentSchemas', '$defs', 'definitions'] as const;

/**
 * Finds the `x-mcp-header` marks of a tool's input schema. A tool with an invalid mark must be dropped by clients: a
 * mark must be an RFC 9110 token, unique without regard to case, on a string, integer or boolean property that
 * `properties` keys alone lead to.
 */
export function headerMarks(inputSchema: JsonObject): HeaderMarks {
  const known = seen.get(inputSchema);
  if (known !== undefined) return known;
  const marks: HeaderMark[] = [];
  const reason = visit(inputSchema, [], true, marks);
  const found: HeaderMarks =
    reason !== undefined ? { valid: false, reason } : marks.length === 0 ? noMarks : { valid: true, marks };
  seen.set(inputSchema, found);
  return found;
}

function visit(schema: unknown, path: string[], reachable: boolean, marks: HeaderMark[]): string | undefined {
  if (Array.isArray(schema)) return firstReason(schema, (branch) => visit(branch, path, reachable, marks));
  if (!isJsonObject(schema)) return undefined;
  if (path.length > maxDepth) return `the schema is nested more than ${maxDepth} deep`;
  if (Object.hasOwn(schema, 'x-mcp-header')) {
    const reason = addMark(schema, path, reachable, marks);
    if (reason !== undefined) return reason;
  }
  const { properties } = schema;
  if (isJsonObject(properties)) {
    const reason = firstReason(Object.keys(properties), (key) =>
      visit(properties[key], [...path, key], reachable, marks),
    );
    if (reason !== undefined) return reason;
  }
  return (
    firstReason(unreachable, (key) => visit(schema[key], [...path, key], false, marks)) ??
    firstReason(unreachableMaps, (key) => {
      const named = schema[key];
      return isJsonObject(named) ? visit(Object.values(named), [...path, key], false, marks) : undefined;
    })
  );
}

function firstReason<T>(items: readonly T[], reasonOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const reason = reasonOf(item);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function addMark(
  schema: JsonObject,
  path: string[],
  reachable: boolean,
  marks: HeaderMark[],
): string | undefined {
  const { 'x-mcp-header': name, type } = schema;
  const where = path.length === 0 ? 'the root' : path.join('.');
  if (!reachable || path.length === 0) return `x-mcp-header at ${where} is not on a plain property`;
  if (typeof name !== 'string' || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    return `x-mcp-header at ${where} is no valid header name`;
  }
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
    return `x-mcp-header at ${where} is on neither a string, an integer nor a boolean`;
  }
  const lower = name.toLowerCase();
  if (marks.some((mark) => mark.name.toLowerCase() === lower)) return `x-mcp-header '${name}' occurs twice`;
  marks.push({ path, name, type });
  return undefined;
}

/** The `mcp-param-…` headers of a call: one for each marked argument that is there. Empty for invalid marks. */
export function paramHeaders(inputSchema: JsonObject, args: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  const found = headerMarks(inputSchema);
  if (!found.valid) return headers;
  for (const mark of found.marks) {
    const text = headerText(valueAt(args, mark.path));
    if (text !== undefined) headers[`mcp-param-${mark.name.toLowerCase()}`] = encodeHeaderValue(text);
  }
  return headers;
}

/** The value that the path leads to in the arguments. */
export function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** An argument as header text; undefined for what has none (null, objects, unsafe integers). */
export function headerText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
}

const prefix = '=?base64?';
const suffix = '?=';

/** A header value: as it is where HTTP can carry it, else `=?base64?…?=` of its UTF-8. */
export function encodeHeaderValue(text: string): string {
  const carried = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$|^$/.test(text);
  if (carried && !(text.startsWith(prefix) && text.endsWith(suffix))) return text;
  return `${prefix}${Buffer.from(text, 'utf8').toString('base64')}${suffix}`;
}

/** The text of a header value; undefined where its base64 or UTF-8 is invalid. */
export function decodeHeaderValue(value: string): string | undefined {
  if (!(value.startsWith(prefix) && value.endsWith(suffix))) return value;
  const base64 = value.slice(prefix.length, -suffix.length);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
