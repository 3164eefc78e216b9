import { isJsonObject, type Json, type JsonObject } from '../../core/index.js';

/** Bounds that keep a hostile schema from costing time or memory. */
export const schemaLimits = {
  /** Characters of the schema as JSON. */
  characters: 500_000,
  /** Levels of the schema as JSON. */
  depth: 60,
  /** References followed while making one value. */
  references: 5_000,
  /** Items, properties and levels of a made value. */
  items: 100,
  valueDepth: 12,
  /** Characters of a made text. */
  textLength: 10_000,
  /** Characters of a pattern that is tried. */
  pattern: 500,
} as const;

/** Why no arguments can be made: where in the arguments, and what stands in the way. */
export class ImpossibleValue extends Error {
  /** The argument, such as `filter.since`; empty for all of them. */
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.path = path;
  }
}

/** Finds a reason to refuse a schema as a whole before anything is done with it. */
export function refuseSchema(schema: Json): string | undefined {
  const text = JSON.stringify(schema);
  if (text.length > schemaLimits.characters) {
    return `its schema is ${text.length} characters long (dyno reads up to ${schemaLimits.characters})`;
  }
  let refused: string | undefined;
  const visit = (value: Json, depth: number): void => {
    if (refused !== undefined || typeof value !== 'object' || value === null) return;
    if (depth > schemaLimits.depth) {
      refused = `its schema is nested deeper than ${schemaLimits.depth} levels`;
      return;
    }
    const children = Array.isArray(value) ? value : Object.values(value);
    for (const child of children) visit(child, depth + 1);
  };
  visit(schema, 0);
  return refused;
}

/** A schema whose local references can be followed, and whose `allOf` is merged; nothing is ever fetched. */
export class LocalSchema {
  readonly root: JsonObject;
  readonly #anchors = new Map<string, JsonObject>();
  #references = 0;

  constructor(root: JsonObject) {
    this.root = root;
    this.#findAnchors(root);
  }

  /**
   * The schema as one object: references followed, `allOf` merged. `true` and unknown things are `{}`.
   *
   * @throws ImpossibleValue for a schema that allows nothing, a reference that leads nowhere, outside, or in circles.
   */
  resolve(schema: Json | undefined, path: string): JsonObject {
    if (schema === false) throw new ImpossibleValue(path, 'the schema allows no value');
    if (!isJsonObject(schema)) return {};
    let merged: JsonObject = schema;
    const followed = new Set<Json>();
    while (typeof merged['$ref'] === 'string') {
      const target: Json = this.#follow(merged['$ref'], path);
      if (followed.has(target)) throw new ImpossibleValue(path, 'its $ref leads in circles');
      followed.add(target);
      const beside = without(merged, '$ref');
      if (target === false) throw new ImpossibleValue(path, 'the schema allows no value');
      merged = isJsonObject(target) ? merge(target, beside) : beside;
    }
    if (!Array.isArray(merged['allOf'])) return merged;
    const { allOf, ...beside } = merged;
    return (allOf as Json[]).reduce<JsonObject>((sum, part) => merge(sum, this.resolve(part, path)), beside);
  }

  #follow(reference: string, path: string): Json {
    if (++this.#references > schemaLimits.references) {
      throw new ImpossibleValue(path, 'its schema follows too many references');
    }
    if (!reference.startsWith('#')) {
      throw new ImpossibleValue(path, `its schema refers to '${cut(reference)}', which dyno does not fetch`);
    }
    const pointer = decode(reference.slice(1));
    if (pointer !== '' && !pointer.startsWith('/')) {
      const anchored = this.#anchors.get(pointer);
      if (anchored) return anchored;
      throw new ImpossibleValue(path, `its schema has no '${cut(reference)}'`);
    }
    let at: Json | undefined = this.root;
    for (const step of pointer.split('/').slice(1)) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(at)) at = at[Number(key)];
      else at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    }
    if (at === undefined) throw new ImpossibleValue(path, `its schema has no '${cut(reference)}'`);
    return at;
  }

  #findAnchors(value: Json): void {
    if (Array.isArray(value)) for (const item of value) this.#findAnchors(item);
    if (!isJsonObject(value)) return;
    const anchor = value['$anchor'];
    if (typeof anchor === 'string') this.#anchors.set(anchor, value);
    for (const item of Object.values(value)) this.#findAnchors(item);
  }
}

/** A copy of a schema without some of its keywords. */
export function without(schema: JsonObject, ...keywords: string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

const tighter: Record<string, (a: number, b: number) => number> = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  minProperties: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
  maxProperties: Math.min,
};

/** Both schemas at once, as far as this matters for making a value; ajv has the last word. */
function merge(a: JsonObject, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    if (before === undefined) merged[key] = value;
    else if (key === 'properties' && isJsonObject(before) && isJsonObject(value)) {
      const both = { ...before };
      for (const [name, schema] of Object.entries(value)) {
        const other = Object.hasOwn(both, name) ? both[name]! : undefined;
        both[name] = other === undefined ? schema : { allOf: [other, schema] };
      }
      merged[key] = both;
    } else if (key === 'required' && Array.isArray(before) && Array.isArray(value)) {
      merged[key] = [...new Set([...before, ...value])];
    } else if (key === 'enum' && Array.isArray(before) && Array.isArray(value)) {
      const allowed = new Set(value.map((item) => JSON.stringify(item)));
      merged[key] = before.filter((item) => allowed.has(JSON.stringify(item)));
    } else if (key === 'allOf' && Array.isArray(before) && Array.isArray(value)) {
      merged[key] = [...before, ...value];
    } else if (Object.hasOwn(tighter, key) && typeof before === 'number' && typeof value === 'number') {
      merged[key] = tighter[key]!(before, value);
    } else merged[key] = value;
  }
  return merged;
}

/** The type of value to make: the first that is not null, or what the other keywords speak of. */
export function typeOf(schema: JsonObject): string | undefined {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return (type.find((one) => one !== 'null') ?? type[0]) as string | undefined;
  const speaks: [string, string[]][] = [
    ['object', ['properties', 'required', 'additionalProperties', 'minProperties', 'patternProperties']],
    ['array', ['items', 'prefixItems', 'minItems', 'contains', 'uniqueItems']],
    ['string', ['pattern', 'minLength', 'maxLength', 'format', 'contentEncoding']],
    ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
  ];
  return speaks.find(([, keywords]) => keywords.some((keyword) => schema[keyword] !== undefined))?.[0];
}
