import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { FilledArgument, Offer } from '../types.js';
import { coerce, type Coerced } from './coerce.js';
import { holds } from './holds.js';
import { likeness, nameParts, type NameParts } from './likeness.js';
import { parametersOf, pointer, type Parameter } from './parameters.js';
import { requiredOf, resolve } from './schema-node.js';

/** What was filled in, and what was not. */
export interface Filling {
  arguments: JsonObject;
  filled: FilledArgument[];
  /** JSON Pointers of required arguments without a value. */
  missing: string[];
  /** Names of entities that found no place. */
  unused: string[];
  /** True where only a full validator can tell whether the schema allows the arguments. */
  uncertain: boolean;
  /** Why the arguments are not allowed although nothing required is missing; undefined where they are. */
  problem: string | undefined;
}

/** Below this a value is left out: a wrong argument is worse than a missing one. */
const leastLikeness = 0.45;
const hintLikeness = 0.55;
const lastResort = 0.4;
const queryNames = new Set(['query', 'q', 'search', 'question', 'prompt', 'searchquery', 'searchterm']);
/** Of entities and context, members of objects are offered this deep, and this many in all. */
const offerDepth = 3;
const mostOffers = 200;

/** What is offered to tools, made ready once for all of them. */
export interface Given {
  readonly offers: readonly NamedOffer[];
  readonly entityNames: readonly string[];
  readonly query: string;
}

/** Makes entities, context and the query ready to be filled in. */
export function given(entities: JsonObject, context: JsonObject, query: string): Given {
  const offers = [...offersOf('entities', entities), ...offersOf('context', context)].slice(0, mostOffers);
  return { offers, entityNames: Object.keys(entities), query };
}

/**
 * Fills a tool's arguments from what is offered: names are compared first, then what descriptions, types, formats and
 * allowed values say; the surest pairs are taken first, each offer and each parameter once. Entities go before context.
 */
export function fillArguments(root: JsonObject, given: Given): Filling {
  const { offers, entityNames, query } = given;
  const parameters = parametersOf(root);
  const filling: Filling = {
    arguments: {},
    filled: [],
    missing: [],
    unused: [],
    uncertain: false,
    problem: undefined,
  };
  const taken = new Taken(filling, root);
  for (const pair of bestPairs(parameters, offers, root)) taken.take(pair);
  taken.takeLastEntity(parameters, offers);
  taken.takeFixed(parameters);
  taken.takeQuery(parameters, query);
  taken.dropIncomplete(root);
  filling.missing = missingOf(root, root, filling.arguments, []);
  if (filling.missing.length === 0) filling.problem = dropUntilAllowed(filling, root);
  filling.unused = entityNames.filter((name) => !taken.entities.has(name));
  return filling;
}

/** Takes optional arguments back, the least sure first, until the whole is allowed. */
function dropUntilAllowed(filling: Filling, root: JsonObject): string | undefined {
  const required = new Set(requiredOf(root).map((name) => pointer([name])));
  const optional = filling.filled
    .filter(({ path }) => path.lastIndexOf('/') === 0 && !required.has(path))
    .sort((a, b) => a.confidence - b.confidence);
  for (;;) {
    const verdict = holds(filling.arguments, root, root);
    if (verdict === 'unknown') filling.uncertain = true;
    if (verdict !== 'no') return undefined;
    const least = optional.shift();
    if (least === undefined) return 'The schema asks for a combination of arguments that was not offered';
    delete filling.arguments[least.path.slice(1).replace(/~1/g, '/').replace(/~0/g, '~')];
    filling.filled = filling.filled.filter((one) => one !== least);
  }
}

/** A value by a name that was taken apart. */
export interface NamedOffer extends Offer {
  readonly parts: NameParts;
  /** Likeness to parameter names that were compared before: many tools call theirs alike. */
  readonly compared: Map<string, number>;
  /** The entity it belongs to. */
  readonly top: string;
}

interface Pair {
  readonly parameter: Parameter;
  readonly offer: NamedOffer;
  readonly coerced: Coerced;
  readonly score: number;
}

function offersOf(origin: 'entities' | 'context', given: JsonObject): NamedOffer[] {
  const offers: NamedOffer[] = [];
  const visit = (object: JsonObject, path: string[]) => {
    for (const [name, value] of Object.entries(object)) {
      if (offers.length >= mostOffers) return;
      if (value === null) continue;
      const here = [...path, name];
      offers.push(offerOf(origin, here, value, here.join(' ')));
      if (path.length > 0) offers.push(offerOf(origin, here, value, name));
      if (isJsonObject(value) && here.length < offerDepth) visit(value, here);
    }
  };
  visit(given, []);
  return offers;
}

function offerOf(origin: Offer['origin'], path: readonly string[], value: Json, name: string): NamedOffer {
  return { origin, from: path.join('.'), value, parts: nameParts(name), compared: new Map(), top: path[0]! };
}

/** All pairs that are likely enough, the surest first; equal ones in the order of parameters, then of offers. */
function bestPairs(
  parameters: readonly Parameter[],
  offers: readonly NamedOffer[],
  root: JsonObject,
): Pair[] {
  const pairs: Pair[] = [];
  for (const parameter of parameters) {
    for (const offer of offers) {
      const named = nameScore(parameter, offer);
      if (named < leastLikeness) continue;
      const coerced = coerce(offer.value, parameter.schema, root);
      if (coerced === undefined) continue;
      let score = named * coerced.fit + evidence(coerced.value, parameter.schema, root);
      if (offer.origin === 'context') score *= 0.9;
      if (parameter.required) score += 0.05;
      // An object's members first find their own places; the object as a whole is for a parameter of its name.
      if (parameter.path.length > 1) score -= 0.02;
      pairs.push({ parameter, offer, coerced, score: Math.min(1, score) });
    }
  }
  return pairs.sort((a, b) => b.score - a.score);
}

function nameScore(parameter: Parameter, offer: NamedOffer): number {
  const offered = offer.parts;
  const own = compared(offer, parameter.name);
  const byName = parameter.path.length === 1 ? own : Math.max(own, compared(offer, parameter.fullName));
  if (byName >= hintLikeness) return byName;
  // Terms of names are stems already, as hints are.
  const told = offered.terms.every((term) => term.length > 2 && parameter.hints.has(term));
  return told && offered.terms.length > 0 ? hintLikeness : byName;
}

function compared({ parts, compared: before }: NamedOffer, name: NameParts): number {
  let known = before.get(name.whole);
  if (known === undefined) {
    known = likeness(name, parts);
    before.set(name.whole, known);
  }
  return known;
}

/** What the value itself says: one of few allowed values, or of a format that few texts have, is hardly chance. */
function evidence(value: Json, schema: JsonObject, root: JsonObject): number {
  const own = resolve(schema, root);
  if (own === undefined) return 0;
  if (Array.isArray(own['enum'])) return 0.15;
  return typeof own['format'] === 'string' && typeof value === 'string' ? 0.1 : 0;
}

class Taken {
  readonly entities = new Set<string>();
  readonly #filling: Filling;
  readonly #root: JsonObject;
  readonly #offers = new Set<string>();
  readonly #paths = new Set<string>();

  constructor(filling: Filling, root: JsonObject) {
    this.#filling = filling;
    this.#root = root;
  }

  take({ parameter, offer, coerced, score }: Pair): void {
    const source = `${offer.origin}/${offer.from}`;
    if (this.#offers.has(source) || !this.#free(parameter)) return;
    this.#offers.add(source);
    if (offer.origin === 'entities') this.entities.add(offer.top);
    this.#put(parameter, coerced, offer, score);
  }

  /** One required argument and one entity are left: they are likely meant for one another. */
  takeLastEntity(parameters: readonly Parameter[], offers: readonly NamedOffer[]): void {
    const open = parameters.filter((one) => one.required && one.path.length === 1 && this.#free(one));
    const left = offers.filter(({ origin, top }) => origin === 'entities' && !this.entities.has(top));
    if (open.length !== 1 || left.length !== 1) return;
    const coerced = coerce(left[0]!.value, open[0]!.schema, this.#root);
    if (coerced === undefined || coerced.fit < 0.85) return;
    this.take({ parameter: open[0]!, offer: left[0]!, coerced, score: lastResort });
  }

  /** What can have one value only has it. */
  takeFixed(parameters: readonly Parameter[]): void {
    for (const parameter of parameters) {
      if (!parameter.required || !this.#free(parameter)) continue;
      const own = resolve(parameter.schema, this.#root);
      const values = own?.['enum'];
      const only = own?.['const'] ?? (Array.isArray(values) && values.length === 1 ? values[0] : undefined);
      if (only === undefined) continue;
      this.#put(
        parameter,
        { value: only, fit: 1, uncertain: false },
        { origin: 'schema', from: '', value: only },
        1,
      );
    }
  }

  /** A tool that searches or answers takes what the user said, where nothing better was offered. */
  takeQuery(parameters: readonly Parameter[], query: string): void {
    const text = query.trim();
    if (text === '') return;
    for (const parameter of parameters) {
      if (!parameter.required || parameter.path.length > 1 || !queryNames.has(parameter.name.plain)) continue;
      if (!this.#free(parameter)) continue;
      const coerced = coerce(text, parameter.schema, this.#root);
      if (coerced === undefined || typeof coerced.value !== 'string') continue;
      this.#put(parameter, coerced, { origin: 'query', from: '', value: text }, 0.5);
    }
  }

  /** An optional object that lacks what it requires is no use; it goes, and what was in it. */
  dropIncomplete(root: JsonObject): void {
    const prune = (schema: JsonObject, object: JsonObject, path: string[]) => {
      const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
      const needed = new Set(requiredOf(schema));
      for (const [name, value] of Object.entries(object)) {
        const own = Object.hasOwn(properties, name) ? resolve(properties[name], root) : undefined;
        if (own === undefined || !isJsonObject(value)) continue;
        prune(own, value, [...path, name]);
        if (needed.has(name) || holdsButMissing(value, own, root) === 'yes') {
          if (requiredOf(own).every((one) => Object.hasOwn(value, one)) || needed.has(name)) continue;
        }
        delete object[name];
        const gone = pointer([...path, name]);
        this.#filling.filled = this.#filling.filled.filter(
          ({ path: at }) => at !== gone && !at.startsWith(`${gone}/`),
        );
      }
    };
    prune(root, this.#filling.arguments, []);
  }

  /** No value there, nor in anything around or inside of it. */
  #free({ pointer: at }: Parameter): boolean {
    if (this.#paths.has(at)) return false;
    for (const taken of this.#paths) {
      if (taken.startsWith(at) && taken[at.length] === '/') return false;
      if (at.startsWith(taken) && at[taken.length] === '/') return false;
    }
    return true;
  }

  #put(parameter: Parameter, coerced: Coerced, offer: Offer, confidence: number): void {
    let object = this.#filling.arguments;
    for (const name of parameter.path.slice(0, -1)) {
      object[name] = isJsonObject(object[name]) ? object[name] : {};
      object = object[name] as JsonObject;
    }
    const name = parameter.path.at(-1)!;
    object[name] = coerced.value;
    // Alone it was allowed; beside the others it may not be.
    const judged = parameter.path.length > 1 || !isPlain(this.#root);
    if (judged && holdsButMissing(this.#filling.arguments, this.#root) === 'no') {
      delete object[name];
      return;
    }
    if (coerced.uncertain) this.#filling.uncertain = true;
    const at = parameter.pointer;
    this.#paths.add(at);
    this.#filling.filled.push({
      path: at,
      origin: offer.origin,
      from: offer.from,
      confidence,
      ...(coerced.how !== undefined && { how: coerced.how }),
    });
  }
}

/** {@link holds} for arguments that are not complete yet. */
function holdsButMissing(value: JsonObject, schema: JsonObject, root = schema): ReturnType<typeof holds> {
  return holds(value, withoutRequired(schema), root);
}

const plainSchemas = new WeakMap<JsonObject, boolean>();
const plainKeywords = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  '$schema',
  '$defs',
  'definitions',
  'title',
  'description',
]);

/** True where members of an object are only judged one by one. */
function isPlain(schema: JsonObject): boolean {
  const known = plainSchemas.get(schema);
  if (known !== undefined) return known;
  const plain = Object.keys(schema).every(
    (keyword) => plainKeywords.has(keyword) || togetherKeywords.includes(keyword),
  );
  plainSchemas.set(schema, plain);
  return plain;
}

const togetherKeywords = [
  ...['anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else'],
  ...['dependentRequired', 'dependentSchemas', 'dependencies'],
];

const relaxed = new WeakMap<JsonObject, JsonObject>();

/** The schema without its `required`, in nested objects too. */
function withoutRequired(schema: JsonObject, depth = 0): JsonObject {
  const known = relaxed.get(schema);
  if (known !== undefined) return known;
  const rest: JsonObject = { ...schema };
  for (const keyword of ['required', 'minProperties']) delete rest[keyword];
  // Of objects these mostly say which members go together; that is judged once all are there.
  if (isJsonObject(rest['properties'])) for (const keyword of togetherKeywords) delete rest[keyword];
  if (isJsonObject(rest['properties']) && depth < 6) {
    rest['properties'] = Object.fromEntries(
      Object.entries(rest['properties']).map(([name, one]) => [
        name,
        isJsonObject(one) ? withoutRequired(one, depth + 1) : one,
      ]),
    );
  }
  relaxed.set(schema, rest);
  return rest;
}

function missingOf(schema: JsonObject, root: JsonObject, object: JsonObject, path: string[]): string[] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const missing: string[] = [];
  for (const name of requiredOf(schema)) {
    if (!Object.hasOwn(object, name)) missing.push(pointer([...path, name]));
  }
  for (const [name, value] of Object.entries(object)) {
    const own = Object.hasOwn(properties, name) ? resolve(properties[name], root) : undefined;
    if (own !== undefined && isJsonObject(value))
      missing.push(...missingOf(own, root, value, [...path, name]));
  }
  return missing;
}
