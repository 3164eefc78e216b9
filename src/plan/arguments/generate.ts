import { isJsonObject, type Json, type JsonObject, type Random } from '../../core/index.js';
import { ImpossibleValue, LocalSchema, schemaLimits, typeOf, without } from './local-schema.js';
import { textByPattern } from './pattern-text.js';
import { compilePattern, mayExplode } from './safe-pattern.js';
import {
  declaredValues,
  isPathField,
  isPlaceField,
  numberCandidates,
  textCandidates,
  type Field,
} from './scalar-candidates.js';
import type { Surroundings } from './surroundings.js';

/** Which of several possible arguments to make. */
export interface Attempt {
  /** Optional fields: none, those that say where (paths), or all. */
  optionals: 'none' | 'places' | 'all';
  /** Which candidate of each field: 0 is the likeliest. */
  choice: number;
}

/** What arguments are made from. */
export interface GenerateContext {
  tool: { name: string; description: string };
  around: Surroundings;
  random: Random;
  attempt: Attempt;
}

/**
 * Makes arguments for a tool from its input schema: constants, enums, examples and defaults first, then values that are
 * realistic by format, description, earlier answers and field name.
 *
 * @throws ImpossibleValue that names the argument for which nothing can be made.
 */
export async function generateArguments(schema: JsonObject, context: GenerateContext): Promise<JsonObject> {
  const maker = new Maker(new LocalSchema(schema), context);
  const value = await maker.value(schema, { name: '', path: '', depth: 0 });
  return isJsonObject(value) ? value : {};
}

interface Spot {
  name: string;
  path: string;
  depth: number;
}

class Maker {
  readonly #schema: LocalSchema;
  readonly #context: GenerateContext;
  #made = 0;

  constructor(schema: LocalSchema, context: GenerateContext) {
    this.#schema = schema;
    this.#context = context;
  }

  async value(raw: Json | undefined, spot: Spot): Promise<Json> {
    if (spot.depth > schemaLimits.valueDepth) {
      throw new ImpossibleValue(
        spot.path,
        `it needs values nested deeper than ${schemaLimits.valueDepth} levels`,
      );
    }
    if (++this.#made > schemaLimits.references) {
      throw new ImpossibleValue(spot.path, 'it needs too many values');
    }
    const schema = this.#branch(this.#schema.resolve(raw, spot.path), spot);
    const { closed, values } = declaredValues(schema);
    const declared = this.#pick(values);
    if (closed && declared === undefined) throw new ImpossibleValue(spot.path, 'its enum is empty');
    // A default is a server's advice; past the first tries something else may do better. Paths weigh it themselves.
    const open = this.#context.attempt.choice >= values.length || isPathField(spot.name);
    if (declared !== undefined && (closed || !open || typeof declared !== 'string')) return declared;
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, spot);
      case 'array':
        return this.#array(schema, spot);
      case 'boolean':
        return this.#context.attempt.choice % 2 === 1;
      case 'null':
        return null;
      case 'integer':
      case 'number':
        return this.#number(schema, spot);
      case 'string':
        return this.#text(schema, spot);
      default:
        return spot.depth === 0 ? this.#object(schema, spot) : this.#text(schema, spot);
    }
  }

  /** One branch of anyOf and oneOf, with what stands beside them. */
  #branch(schema: JsonObject, spot: Spot): JsonObject {
    let one = schema;
    for (const keyword of ['anyOf', 'oneOf']) {
      const branches = one[keyword];
      if (!Array.isArray(branches) || branches.length === 0) continue;
      const beside = without(one, keyword);
      const useful = branches.filter((branch) => !isJsonObject(branch) || branch['type'] !== 'null');
      const branch = this.#pick(useful) ?? branches[0]!;
      one = this.#schema.resolve({ allOf: [beside, branch] }, spot.path);
      if (Array.isArray(one['anyOf']) || Array.isArray(one['oneOf']))
        one = this.#branch(one, { ...spot, depth: spot.depth + 1 });
    }
    return one;
  }

  async #object(schema: JsonObject, spot: Spot): Promise<Json> {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const required = (Array.isArray(schema['required']) ? schema['required'] : []).filter(
      (name): name is string => typeof name === 'string',
    );
    const optional = Object.keys(properties).filter(
      (name) => !required.includes(name) && this.#wanted(name, properties[name]),
    );
    const names = [...required, ...optional];
    if (names.length > schemaLimits.items) {
      throw new ImpossibleValue(
        spot.path,
        `it needs ${names.length} values (dyno makes up to ${schemaLimits.items})`,
      );
    }
    const made: JsonObject = {};
    for (const name of names) {
      const property = Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties'];
      const path = spot.path === '' ? name : `${spot.path}.${name}`;
      try {
        // A required `__proto__` must become a key like any other.
        Object.defineProperty(made, name, {
          value: await this.value(property === true ? {} : property, { name, path, depth: spot.depth + 1 }),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } catch (error) {
        if (required.includes(name) || !(error instanceof ImpossibleValue)) throw error;
      }
    }
    return made;
  }

  #wanted(name: string, schema: Json | undefined): boolean {
    const { optionals } = this.#context.attempt;
    if (optionals === 'none') return false;
    if (schema === false) return false;
    if (optionals === 'all' || !isJsonObject(schema)) return optionals === 'all';
    const { description } = schema;
    return isPlaceField(name, typeof description === 'string' ? description : '', schema);
  }

  async #array(schema: JsonObject, spot: Spot): Promise<Json> {
    const first = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
    const tuple = Array.isArray(schema['items']) ? schema['items'] : first;
    const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
    const most = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : Infinity;
    if (least > schemaLimits.items) {
      throw new ImpossibleValue(
        spot.path,
        `it needs ${least} items (dyno makes up to ${schemaLimits.items})`,
      );
    }
    const length = Math.min(Math.max(least, tuple.length, 1), most);
    const items: Json[] = [];
    const rest = Array.isArray(schema['items']) ? schema['additionalItems'] : schema['items'];
    for (let index = 0; index < length; index++) {
      const item = tuple[index] ?? rest ?? schema['contains'];
      items.push(
        await this.value(item, { name: spot.name, path: `${spot.path}[${index}]`, depth: spot.depth + 1 }),
      );
    }
    if (schema['uniqueItems'] === true)
      return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
    return items;
  }

  #number(schema: JsonObject, spot: Spot): Json {
    const { around, random } = this.#context;
    const whole = typeOf(schema) === 'integer';
    return this.#pick(
      numberCandidates(schema, this.#field(schema, spot), around, random.fork(spot.path), whole),
    )!;
  }

  async #text(schema: JsonObject, spot: Spot): Promise<Json> {
    const { around, random } = this.#context;
    const candidates = textCandidates(schema, this.#field(schema, spot), around, random.fork(spot.path));
    const { pattern } = schema;
    if (typeof pattern !== 'string') return this.#pick(candidates)!;
    const fitting = candidates.filter((text) => matches(pattern, text));
    const picked = this.#pick(fitting);
    if (picked !== undefined) return picked;
    const lengths = {
      ...(typeof schema['minLength'] === 'number' ? { minLength: schema['minLength'] } : {}),
      ...(typeof schema['maxLength'] === 'number' ? { maxLength: schema['maxLength'] } : {}),
    };
    const made = await textByPattern(pattern, lengths, random.fork(spot.path).integer(1, 1_000_000));
    if (made === undefined)
      throw new ImpossibleValue(spot.path, `no text was found that matches ${cut(pattern)}`);
    return made;
  }

  #field(schema: JsonObject, spot: Spot): Field {
    const { description, title } = schema;
    const words = [description, title].filter((text) => typeof text === 'string');
    return { name: spot.name, description: words.join(' '), tool: this.#context.tool };
  }

  #pick<T>(candidates: readonly T[]): T | undefined {
    return candidates[Math.min(this.#context.attempt.choice, candidates.length - 1)];
  }
}

function matches(pattern: string, text: string): boolean {
  return !mayExplode(pattern) && compilePattern(pattern)?.test(text) === true;
}

function cut(pattern: string): string {
  return pattern.length > 60 ? `${pattern.slice(0, 59)}…` : pattern;
}
