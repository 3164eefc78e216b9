import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { SchemaLimits } from '../level.js';
import { guardPattern, type GuardedPattern } from '../../../core/pattern/guarded-pattern.js';
import { components } from '../../../core/pattern/components.js';
import type { Dialect } from './dialect.js';
import { isSchema, type Schema } from './keyword-places.js';
import { Resources, type Resource, type SchemaDocuments } from './resources.js';
import { SchemaRefused } from './schema-refusal.js';

/** How a schema is linked. */
export interface LinkOptions {
  limits: SchemaLimits;
  documents: SchemaDocuments;
  /** True keeps only what says types and required properties. */
  basic: boolean;
}

/**
 * A schema made ready: one document in the words of 2020-12, without `$id`, anchors and dynamic references; every
 * reference is `#/$defs/dN`, and every pattern was shown to be safe.
 */
export interface LinkedSchema {
  root: Schema;
  definitions: Map<string, Schema>;
  patterns: Map<string, GuardedPattern>;
}

const plainKeywords = [
  'type',
  'enum',
  'const',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
  'required',
  'format',
  'default',
] as const;

/** Which resource gives each dynamic anchor, seen from where the evaluation stands (core, section 7.1). */
type DynamicScope = ReadonlyMap<string, JsonObject>;

/** Links a schema. Its size must have been bounded. @throws SchemaRefused */
export function linkSchema(schema: JsonObject, options: LinkOptions): LinkedSchema {
  return new Linker(schema, options).link();
}

class Linker {
  readonly #options: LinkOptions;
  readonly #schema: JsonObject;
  readonly #resources: Resources;
  readonly #definitions = new Map<string, Schema>();
  readonly #names = new Map<JsonObject, Map<string, string>>();
  readonly #waiting: { name: string; schema: JsonObject; scope: DynamicScope }[] = [];
  readonly #patterns = new Map<string, GuardedPattern>();
  /** Per definition: the definitions that it evaluates against the very same value. */
  readonly #inPlace = new Map<string, Set<string>>();
  readonly #anchorIds = new Map<JsonObject, number>();

  constructor(schema: JsonObject, options: LinkOptions) {
    this.#schema = schema;
    this.#options = options;
    this.#resources = new Resources(schema, options.documents);
  }

  link(): LinkedSchema {
    const rootScope = this.#enter(new Map(), this.#resources.root);
    const root = this.#emit(this.#schema, rootScope, this.#edgesOf('root'));
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      this.#definitions.set(next.name, this.#emit(next.schema, next.scope, this.#edgesOf(next.name)));
    }
    this.#refuseEndlessRecursion();
    return { root, definitions: this.#definitions, patterns: this.#patterns };
  }

  #edgesOf(name: string): Set<string> {
    const edges = new Set<string>();
    this.#inPlace.set(name, edges);
    return edges;
  }

  /** @param edges collects the definitions that are evaluated against the same value as `schema` */
  #emit(schema: Schema, outerScope: DynamicScope, edges: Set<string>): Schema {
    if (typeof schema === 'boolean') return schema;
    const resource = this.#resources.resourceOf(schema);
    const scope = resource.root === schema ? this.#enter(outerScope, resource) : outerScope;
    const older = isOlder(resource.dialect);
    const { basic } = this.#options;
    const out: JsonObject = {};
    const also: Schema[] = [];

    const references = this.#references(schema, resource, scope, edges);
    if (references.includes(false)) return false;
    const [reference, ...further] = references.filter((one) => one !== true);
    if (reference !== undefined) Object.assign(out, reference);
    also.push(...further);
    // Beside a $ref, draft-07 and before ignore everything.
    if (older && schema['$ref'] !== undefined) return out;

    for (const keyword of plainKeywords) {
      const value = schema[keyword];
      if (value === undefined) continue;
      if (!basic || keyword === 'type' || keyword === 'required' || keyword === 'default') {
        out[keyword] = value;
      }
    }
    const same = (value: Json | undefined) => (isSchema(value) ? this.#emit(value, scope, edges) : undefined);
    const child = (value: Json | undefined) =>
      isSchema(value) ? this.#emit(value, scope, new Set()) : undefined;
    const set = (keyword: string, value: Json | undefined) => {
      if (value !== undefined) out[keyword] = value;
    };
    const list = (value: Json | undefined, emit: (item: Json) => Schema | undefined) =>
      Array.isArray(value) ? value.map((item) => emit(item) ?? true) : undefined;

    // Objects.
    const patternProperties = new Map<string, Schema>();
    const properties: JsonObject = {};
    for (const [name, value] of entries(schema['properties'])) {
      const emitted = child(value) ?? true;
      // A plain assignment would set the prototype for this one name.
      if (name === '__proto__') patternProperties.set(this.#pattern('^__proto__$'), emitted);
      else properties[name] = emitted;
    }
    if (isJsonObject(schema['properties'])) out['properties'] = properties;
    const hasPatterns = Object.keys(asObject(schema['patternProperties'])).length > 0;
    const additional = child(schema['additionalProperties']);
    if (!basic) {
      for (const [pattern, value] of entries(schema['patternProperties'])) {
        patternProperties.set(this.#pattern(pattern), child(value) ?? true);
      }
      set('additionalProperties', additional);
      set('propertyNames', child(schema['propertyNames']));
      if (typeof schema['pattern'] === 'string') out['pattern'] = this.#pattern(schema['pattern']);
      this.#dependencies(schema, older, same, out);
    } else if (!hasPatterns && additional !== false) set('additionalProperties', additional);
    if (patternProperties.size > 0) out['patternProperties'] = Object.fromEntries(patternProperties);

    // Lists.
    const tuple = resource.dialect === '2020-12' ? schema['prefixItems'] : schema['items'];
    const rest =
      resource.dialect === '2020-12' || !Array.isArray(schema['items'])
        ? schema['items']
        : schema['additionalItems'];
    if (Array.isArray(tuple) && tuple.length > 0) set('prefixItems', list(tuple, child));
    const items = child(rest);
    if (!(basic && items === false)) set('items', items);
    if (!basic) this.#contains(schema, resource.dialect, child, out, also);

    // Combinations.
    const all = list(schema['allOf'], same) ?? [];
    also.push(...all);
    set('anyOf', list(schema['anyOf'], same));
    const one = list(schema['oneOf'], same);
    if (basic && one !== undefined) also.push({ anyOf: one });
    else set('oneOf', one);
    if (!basic) {
      set('not', same(schema['not']));
      if (resource.dialect !== 'draft-06') {
        for (const keyword of ['if', 'then', 'else']) set(keyword, same(schema[keyword]));
      }
      if (!older) {
        set('unevaluatedProperties', child(schema['unevaluatedProperties']));
        set('unevaluatedItems', child(schema['unevaluatedItems']));
      }
    }
    if (also.length > 0) out['allOf'] = also;
    return out;
  }

  #references(
    schema: JsonObject,
    resource: Resource,
    scope: DynamicScope,
    edges: Set<string>,
  ): (JsonObject | boolean)[] {
    const found: (JsonObject | boolean)[] = [];
    const { $ref, $dynamicRef, $recursiveRef } = schema;
    if (typeof $ref === 'string') {
      found.push(this.#definition(this.#resources.resolve($ref, resource).schema, scope, edges));
    }
    if (typeof $dynamicRef === 'string' && resource.dialect === '2020-12') {
      const target = this.#resources.resolve($dynamicRef, resource);
      const bookend = target.resource.dynamicAnchors.get(target.fragment) === target.schema;
      const outermost = bookend ? scope.get(target.fragment) : undefined;
      found.push(this.#definition(outermost ?? target.schema, scope, edges));
    }
    if ($recursiveRef === '#' && resource.dialect === '2019-09') {
      const outermost = resource.dynamicAnchors.has('') ? scope.get('') : undefined;
      found.push(this.#definition(outermost ?? resource.root, scope, edges));
    }
    return found;
  }

  /** A reference to the definition of `schema` as it is when reached through `scope`. */
  #definition(schema: Schema, scope: DynamicScope, edges: Set<string>): JsonObject | boolean {
    if (typeof schema === 'boolean') return schema;
    const inner = this.#enter(scope, this.#resources.resourceOf(schema));
    const key = this.#resources.dynamic ? this.#scopeKey(inner) : '';
    let names = this.#names.get(schema);
    if (names === undefined) this.#names.set(schema, (names = new Map()));
    let name = names.get(key);
    if (name === undefined) {
      name = `d${this.#inPlace.size}`;
      if (this.#inPlace.size > this.#options.limits.maxDefinitions) {
        throw new SchemaRefused(
          'too-large',
          `The schema's references lead to more than ${this.#options.limits.maxDefinitions} subschemas`,
        );
      }
      names.set(key, name);
      this.#inPlace.set(name, new Set());
      this.#waiting.push({ name, schema, scope: inner });
    }
    edges.add(name);
    return { $ref: `#/$defs/${name}` };
  }

  #enter(scope: DynamicScope, resource: Resource): DynamicScope {
    if (![...resource.dynamicAnchors.keys()].some((name) => !scope.has(name))) return scope;
    return new Map([...resource.dynamicAnchors, ...scope]);
  }

  #scopeKey(scope: DynamicScope): string {
    return [...scope]
      .map(([name, schema]) => {
        let id = this.#anchorIds.get(schema);
        if (id === undefined) this.#anchorIds.set(schema, (id = this.#anchorIds.size));
        return `${name}=${id}`;
      })
      .sort()
      .join(' ');
  }

  #pattern(source: string): string {
    if (!this.#patterns.has(source)) {
      const guarded = guardPattern(source, this.#options.limits);
      if ('refused' in guarded) throw new SchemaRefused('unsafe-pattern', `The schema's ${guarded.reason}`);
      this.#patterns.set(source, guarded);
    }
    return source;
  }

  #dependencies(
    schema: JsonObject,
    older: boolean,
    same: (value: Json) => Schema | undefined,
    out: JsonObject,
  ): void {
    const required: JsonObject = {};
    const schemas: JsonObject = {};
    if (!older) {
      Object.assign(required, asObject(schema['dependentRequired']));
      for (const [name, value] of entries(schema['dependentSchemas'])) schemas[name] = same(value) ?? true;
    }
    // 2019-09 and later no longer have `dependencies`, but ask implementations to keep it.
    for (const [name, value] of entries(schema['dependencies'])) {
      if (Array.isArray(value)) required[name] = value;
      else schemas[name] = same(value) ?? true;
    }
    if (Object.keys(required).length > 0) out['dependentRequired'] = required;
    if (Object.keys(schemas).length > 0) out['dependentSchemas'] = schemas;
  }

  #contains(
    schema: JsonObject,
    dialect: Dialect,
    child: (value: Json) => Schema | undefined,
    out: JsonObject,
    also: Schema[],
  ): void {
    if (!isSchema(schema['contains'])) return;
    const older = isOlder(dialect);
    const contains: JsonObject = { contains: child(schema['contains']) ?? true };
    for (const keyword of older ? [] : ['minContains', 'maxContains']) {
      if (schema[keyword] !== undefined) contains[keyword] = schema[keyword];
    }
    // Only since 2020-12 what it finds counts as evaluated; behind two `not` nothing does.
    if (dialect === '2019-09') also.push({ not: { not: contains } });
    else Object.assign(out, contains);
  }

  #refuseEndlessRecursion(): void {
    const names = [...this.#inPlace.keys()];
    const numbers = new Map(names.map((name, number) => [name, number]));
    const next = (state: number) =>
      [...this.#inPlace.get(names[state]!)!].map((name) => numbers.get(name)!);
    const component = components(names.length, next);
    const members = new Set<number>();
    for (let state = 0; state < names.length; state++) {
      const own = component[state]!;
      if (members.has(own) || next(state).includes(state)) {
        throw new SchemaRefused(
          'endless-recursion',
          'The schema refers back to itself without going into the value, so checking it would never end',
        );
      }
      members.add(own);
    }
  }
}

function isOlder(dialect: Dialect): boolean {
  return dialect === 'draft-06' || dialect === 'draft-07';
}

function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function entries(value: Json | undefined): [string, Json][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}
