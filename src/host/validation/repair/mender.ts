import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { CompiledSchema } from '../schema/compile-schema.js';
import type { Schema } from '../schema/keyword-places.js';
import { canonical } from '../schema/unique-items.js';
import { hasType, referred, schemaFit } from '../schema-fit.js';
import { child } from '../validation-error.js';
import { convert } from './convert.js';
import type { RepairBasis } from './json-patch.js';
import { mendArray } from './mend-array.js';
import { mendObject } from './mend-object.js';
import { mendNumber, mendText, nearestChoice, reformatted } from './mend-scalar.js';

const maxDepth = 24;
const maxParts = 60;
const allTypes = ['string', 'number', 'boolean', 'object', 'array', 'null'];

/** Brings values towards what a schema allows, keeping what was meant where that can be told. */
export class Mender {
  readonly #compiled: CompiledSchema;
  readonly #parts = new Map<Schema, CompiledSchema>();
  readonly #basis = new Map<string, RepairBasis>();

  constructor(compiled: CompiledSchema) {
    this.#compiled = compiled;
  }

  /** Where the value at a path comes from; an inner path takes after the outer one. */
  basisOf(path: string): RepairBasis {
    for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const known = this.#basis.get(at);
      if (known !== undefined) return known;
      if (at === '') return 'adjusted';
    }
  }

  note(path: string, basis: RepairBasis): void {
    this.#basis.set(path, basis);
  }

  /** True when a part of the schema holds for a value; false where too many parts were asked for. */
  holds(schema: Schema, value: Json): boolean {
    if (typeof schema === 'boolean') return schema;
    let part = this.#parts.get(schema);
    if (part === undefined) {
      if (this.#parts.size >= maxParts) return false;
      this.#parts.set(schema, (part = this.#compiled.part(schema)));
    }
    return part.check(value).kind === 'valid';
  }

  matches(pattern: string, text: string): boolean {
    const guarded = this.#compiled.linked.patterns.get(pattern);
    return guarded === undefined || (text.length <= guarded.maxLength && guarded.test(text));
  }

  /** A value made up from the schema alone. */
  invent(schema: Schema, path: string, depth: number): Json {
    if (typeof schema === 'boolean' || depth > maxDepth) return null;
    const given = this.given(schema, 0);
    if (given !== undefined) {
      this.note(path, 'given');
      return structuredClone(given);
    }
    this.note(path, 'invented');
    return this.mend(schema, this.#seed(schema), path, depth + 1);
  }

  /** The value that a schema itself proposes. */
  given(schema: Schema, depth: number): Json | undefined {
    if (typeof schema === 'boolean' || depth > maxDepth) return undefined;
    if (schema['default'] !== undefined && this.holds(schema, schema['default'])) return schema['default'];
    if (schema['const'] !== undefined) return schema['const'];
    const target = referred(schema, this.#compiled.linked.definitions);
    return target === undefined ? undefined : this.given(target, depth + 1);
  }

  /** A value near `value` that the schema allows, as far as it can be found. */
  mend(schema: Schema, value: Json, path: string, depth: number): Json {
    if (typeof schema === 'boolean' || depth > maxDepth) return value;
    if (schema['const'] !== undefined) {
      if (canonical(schema['const']) !== canonical(value)) this.note(path, 'given');
      return structuredClone(schema['const']);
    }
    let mended = value;
    const target = referred(schema, this.#compiled.linked.definitions);
    if (target !== undefined) mended = this.mend(target, mended, path, depth + 1);
    if (Array.isArray(schema['enum']) && schema['enum'].length > 0) {
      mended = this.#choose(schema, schema['enum'], mended, path);
    }
    mended = this.#asType(schema, mended, path);
    for (const part of schemasIn(schema['allOf'])) mended = this.mend(part, mended, path, depth + 1);
    mended = this.#alternatives(schema, 'anyOf', mended, path, depth);
    mended = this.#alternatives(schema, 'oneOf', mended, path, depth);
    mended = this.#within(schema, mended, path, depth);
    const condition = schema['if'];
    if (isSchemaLike(condition)) {
      const next = this.holds(condition, mended) ? schema['then'] : schema['else'];
      if (isSchemaLike(next)) mended = this.mend(next, mended, path, depth + 1);
    }
    if (isSchemaLike(schema['not']) && this.holds(schema['not'], mended)) {
      mended = this.#escape(schema, mended, path);
    }
    return mended;
  }

  #choose(schema: JsonObject, choices: Json[], value: Json, path: string): Json {
    if (choices.some((choice) => canonical(choice) === canonical(value))) return value;
    const typed = choices.filter((choice) => hasType(schema['type'], choice));
    const converted = convert(value, allTypes.slice(0, 3));
    const fits = typed.find((one) => converted !== undefined && canonical(one) === canonical(converted));
    this.note(path, fits === undefined ? 'adjusted' : 'converted');
    return structuredClone(fits ?? nearestChoice(typed.length > 0 ? typed : choices, value));
  }

  #asType(schema: JsonObject, value: Json, path: string): Json {
    const { type } = schema;
    if (type === undefined || hasType(type, value)) return value;
    const types = (Array.isArray(type) ? type : [type]).map(String);
    const converted = convert(value, types);
    if (converted !== undefined) {
      this.note(path, 'converted');
      return converted;
    }
    this.note(path, 'invented');
    return this.#seed(schema);
  }

  #alternatives(schema: JsonObject, keyword: string, value: Json, path: string, depth: number): Json {
    const branches = schemasIn(schema[keyword]);
    if (branches.length === 0) return value;
    const whole: Schema = this.#only(schema, keyword);
    if (this.holds(whole, value)) return value;
    const { definitions } = this.#compiled.linked;
    const order = branches
      .map((branch) => ({ branch, fit: schemaFit(branch, value, definitions) }))
      .sort((a, b) => b.fit - a.fit);
    let first: Json | undefined;
    for (const { branch } of order.slice(0, 12)) {
      for (const attempt of [value, undefined]) {
        const mended =
          attempt === undefined
            ? this.invent(branch, path, depth + 1)
            : this.mend(branch, attempt, path, depth + 1);
        first ??= mended;
        if (this.holds(whole, mended)) return mended;
      }
    }
    return first ?? value;
  }

  readonly #singles = new Map<string, Schema>();
  readonly #ids = new Map<JsonObject, number>();

  /** One keyword of a schema as a schema of its own; the same object each time, so that it is compiled once. */
  #only(schema: JsonObject, keyword: string): Schema {
    let id = this.#ids.get(schema);
    if (id === undefined) this.#ids.set(schema, (id = this.#ids.size));
    const key = `${id} ${keyword}`;
    let single = this.#singles.get(key);
    if (single === undefined) this.#singles.set(key, (single = { [keyword]: schema[keyword]! }));
    return single;
  }

  #within(schema: JsonObject, value: Json, path: string, depth: number): Json {
    if (typeof value === 'number') {
      const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
      const integer = types.includes('integer') && !types.includes('number');
      return mendNumber(schema, value, integer);
    }
    if (typeof value === 'string') {
      const mended = mendText(schema, value, (pattern, text) => this.matches(pattern, text));
      const { format } = schema;
      if (typeof format !== 'string' || this.holds({ format }, mended)) return mended;
      const found = reformatted(format, value).find((text) => this.holds({ format }, text));
      if (found !== undefined) this.note(path, 'invented');
      return found ?? mended;
    }
    if (Array.isArray(value)) return mendArray(this, schema, value, path, depth);
    if (isJsonObject(value)) return mendObject(this, schema, value, path, depth);
    return value;
  }

  /** Something simple that the schema as a whole allows. */
  #escape(schema: JsonObject, value: Json, path: string): Json {
    const near: Json[] = [];
    if (typeof value === 'number') near.push(value + 1, value - 1, value * 2, 0, 1, 0.5, -1);
    if (typeof value === 'string') near.push(`${value}x`, 'x', 'a', '', value.slice(1));
    if (isJsonObject(value)) {
      for (const name of Object.keys(value)) {
        const without = { ...value };
        delete without[name];
        near.push(without);
      }
      near.push({ ...value, x: 1 });
    }
    if (Array.isArray(value)) near.push(value.slice(1), [...value, null], [...value, 1]);
    near.push(null, true, false, 0, 1, '', 'x', [], {}, [1], { x: 1 });
    const found = near.find((candidate) => this.holds(schema, candidate));
    if (found === undefined) return value;
    this.note(path, 'invented');
    return found;
  }

  /** The simplest value of the type that a schema asks for, or seems to. */
  #seed(schema: JsonObject): Json {
    switch (this.#typeOf(schema, 0)) {
      case 'object':
        return {};
      case 'array':
        return [];
      case 'string':
        return '';
      case 'number':
      case 'integer':
        return 0;
      case 'boolean':
        return false;
      default:
        return null;
    }
  }

  #typeOf(schema: Schema, depth: number): string | undefined {
    if (typeof schema === 'boolean' || depth > maxDepth) return undefined;
    const { type } = schema;
    if (typeof type === 'string') return type;
    if (Array.isArray(type) && type.length > 0) return String(type[0]);
    if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return undefined;
    for (const [kind, keywords] of keywordsOf) {
      if (keywords.some((keyword) => schema[keyword] !== undefined)) return kind;
    }
    const target = referred(schema, this.#compiled.linked.definitions);
    for (const part of [...(target === undefined ? [] : [target]), ...schemasIn(schema['allOf'])]) {
      const found = this.#typeOf(part, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

const keywordsOf: readonly [string, readonly string[]][] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties']],
  ['array', ['items', 'prefixItems', 'minItems', 'contains', 'uniqueItems']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

/** True for a schema within a linked schema. */
export function isSchemaLike(value: Json | undefined): value is Schema {
  return typeof value === 'boolean' || isJsonObject(value);
}

/** The schemas in a list. */
export function schemasIn(value: Json | undefined): Schema[] {
  return Array.isArray(value) ? value.filter(isSchemaLike) : [];
}

/** The path of a member, for notes. */
export const memberPath = child;
