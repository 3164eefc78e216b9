import { isJsonObject, printableLine, type Json, type JsonObject } from '../../core/index.js';
import type { Checker } from '../arguments/checker.js';
import { LocalSchema, typeOf, without } from '../arguments/local-schema.js';

/** A step into arguments: a member's name or an item's index. */
export type Step = string | number;

/** A value within arguments, and what the schema says of it. */
export interface Place {
  path: readonly Step[];
  /** Its schema with references followed and the branch chosen that its value belongs to. */
  schema: JsonObject;
  /** The first of its types that is not null. */
  type: string | undefined;
  value: Json;
  /** Arguments that fit and have this place: those that were given, and with them what leads here where that is optional. */
  args: JsonObject;
  required: boolean;
  /** The `$ref` that its schema was written as. */
  reference: string | undefined;
}

/** Bounds on a walk: a schema is a server's word. */
const limits = { places: 200, depth: 6 };

/**
 * Every place of arguments, outermost first; optional ones that `args` leaves out are entered with the value they have in
 * `full`, each alone.
 *
 * @param args arguments that fit
 * @param full arguments that fit with as many optional ones as can be
 */
export function placesOf(
  schema: JsonObject,
  args: JsonObject,
  full: JsonObject,
  checker: Pick<Checker, 'errors'>,
): Place[] {
  const walk = new Walk(schema, checker);
  walk.visit({ path: [], raw: schema, required: true }, args, full);
  return walk.places;
}

interface Spot {
  path: readonly Step[];
  raw: Json | undefined;
  required: boolean;
}

class Walk {
  readonly places: Place[] = [];
  readonly #schema: LocalSchema;
  readonly #checker: Pick<Checker, 'errors'>;

  constructor(schema: JsonObject, checker: Pick<Checker, 'errors'>) {
    this.#schema = new LocalSchema(schema);
    this.#checker = checker;
  }

  visit({ path, raw, required }: Spot, args: JsonObject, full: JsonObject): void {
    if (this.places.length >= limits.places || path.length > limits.depth) return;
    const value = valueAt(args, path);
    if (value === undefined) return;
    const schema = this.#resolved(raw, value);
    if (schema === undefined) return;
    const reference = isJsonObject(raw) && typeof raw['$ref'] === 'string' ? raw['$ref'] : undefined;
    this.places.push({ path, schema, type: typeOf(schema), value, args, required, reference });
    if (isJsonObject(value)) this.#members(path, schema, args, full);
    else if (Array.isArray(value) && value.length > 0) {
      const tuple = [schema['prefixItems'], schema['items']].find((items) => Array.isArray(items));
      const item = (tuple as Json[] | undefined)?.[0] ?? schema['items'];
      this.visit({ path: [...path, 0], raw: item, required: true }, args, full);
    }
  }

  #members(path: readonly Step[], schema: JsonObject, args: JsonObject, full: JsonObject): void {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const here = valueAt(args, path) as JsonObject;
    const names = new Set([...Object.keys(properties), ...Object.keys(here)]);
    for (const name of names) {
      const raw = Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties'];
      const inside: Spot = { path: [...path, name], raw, required: required.includes(name) };
      if (Object.hasOwn(here, name)) {
        this.visit(inside, args, full);
        continue;
      }
      const value = valueAt(full, inside.path);
      if (value === undefined) continue;
      const more = withValue(args, inside.path, value);
      if (this.#checker.errors(more).length === 0) this.visit(inside, more, full);
    }
  }

  /** Of `anyOf` and `oneOf` the branch whose type the value has. */
  #resolved(raw: Json | undefined, value: Json): JsonObject | undefined {
    try {
      let schema = this.#schema.resolve(raw === true ? {} : raw, '');
      for (const keyword of ['anyOf', 'oneOf']) {
        const branches = schema[keyword];
        if (!Array.isArray(branches)) continue;
        const resolved = branches.map((branch) => this.#schema.resolve(branch, ''));
        const branch = resolved.find((one) => typeOf(one) === jsonType(value)) ?? resolved[0] ?? {};
        schema = this.#schema.resolve({ allOf: [without(schema, keyword), branch] }, '');
      }
      return schema;
    } catch {
      // What cannot be followed has no places; that it cannot was found when arguments were made.
      return undefined;
    }
  }
}

/** The type of a value as a schema names it; `number` for whole numbers too. */
export function jsonType(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** The types that a schema allows; empty where it allows all. */
export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  return types.filter((one): one is string => typeof one === 'string');
}

/** What stands at a place; undefined where there is nothing. */
export function valueAt(value: Json, path: readonly Step[]): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path) {
    if (Array.isArray(at)) at = typeof step === 'number' ? at[step] : undefined;
    else at = isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/** A copy with another value at a place; what is not on the way to it is shared. */
export function withValue(args: JsonObject, path: readonly Step[], value: Json): JsonObject {
  return replaced(args, path, value) as JsonObject;
}

function replaced(at: Json, [step, ...rest]: readonly Step[], value: Json): Json {
  if (step === undefined) return value;
  if (Array.isArray(at))
    return at.map((item, index) => (index === step ? replaced(item, rest, value) : item));
  const copy: JsonObject = isJsonObject(at) ? { ...at } : {};
  const before = Object.hasOwn(copy, step) ? copy[step]! : {};
  // A member named `__proto__` is one like any other.
  Object.defineProperty(copy, step, {
    value: replaced(before, rest, value),
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

/** A copy without what stands at a place. */
export function withoutValue(args: JsonObject, path: readonly Step[]): JsonObject {
  const parent = valueAt(args, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(parent)) {
    return withValue(
      args,
      path.slice(0, -1),
      parent.filter((_, index) => index !== last),
    );
  }
  const rest = Object.fromEntries(
    Object.entries(isJsonObject(parent) ? parent : {}).filter(([name]) => name !== last),
  );
  return withValue(args, path.slice(0, -1), rest);
}

/** True where the schema says which values there are. */
export function isClosed(schema: JsonObject): boolean {
  return schema['const'] !== undefined || Array.isArray(schema['enum']);
}

/** `filter.tags[0]`; `the arguments` for all of them. */
export function nameOf(path: readonly Step[]): string {
  const text = path.reduce<string>(
    (name, step) =>
      typeof step === 'number' ? `${name}[${step}]` : `${name}${name === '' ? '' : '.'}${step}`,
    '',
  );
  return text === '' ? 'the arguments' : printableLine(text, 60);
}
