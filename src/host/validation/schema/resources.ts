import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { declaredDialect, dialectOf, metaSchema, type Dialect } from './dialect.js';
import { isSchema, subschemas, type Schema } from './keyword-places.js';
import { quoted, SchemaRefused } from './schema-refusal.js';

/** A schema resource (JSON Schema 2020-12 core, section 4.3.5): a document, or a part of one with an `$id` of its own. */
export interface Resource {
  readonly uri: string;
  readonly root: JsonObject;
  readonly dialect: Dialect;
  readonly anchors: Map<string, JsonObject>;
  /** Those anchors that are dynamic; `$recursiveAnchor: true` counts as one with an empty name. */
  readonly dynamicAnchors: Map<string, JsonObject>;
}

/** Documents that a schema may refer to, by address. */
export type SchemaDocuments = Readonly<Record<string, Schema>>;

const rootUri = 'json-schema:///';

/** Knows where every schema of a document stands and what every reference leads to. Nothing is ever fetched. */
export class Resources {
  readonly root: Resource;
  /** True when some reference depends on the way that led to it. */
  dynamic = false;
  readonly #documents: SchemaDocuments;
  readonly #byUri = new Map<string, Resource>();
  readonly #places = new Map<JsonObject, Resource>();

  /** @throws SchemaRefused */
  constructor(schema: JsonObject, documents: SchemaDocuments) {
    this.#documents = documents;
    this.root = this.#add(schema, rootUri, dialectOf(schema, documents));
  }

  /** The resource that a schema object belongs to. */
  resourceOf(schema: JsonObject): Resource {
    return this.#places.get(schema) ?? this.root;
  }

  /**
   * What a reference in `from` leads to.
   *
   * @throws SchemaRefused when there is no such document or place
   */
  resolve(reference: string, from: Resource): { schema: Schema; resource: Resource; fragment: string } {
    const absolute = absoluteUri(reference, from.uri);
    const hash = absolute.indexOf('#');
    const uri = hash < 0 ? absolute : absolute.slice(0, hash);
    const fragment = hash < 0 ? '' : decode(absolute.slice(hash + 1), reference);
    const resource = this.#byUri.get(uri) ?? this.#document(uri, reference);
    if (fragment === '') return { schema: resource.root, resource, fragment };
    if (fragment.startsWith('/')) return { ...this.#pointer(resource, fragment, reference), fragment };
    const schema = resource.anchors.get(fragment);
    if (schema === undefined) throw broken(reference);
    return { schema, resource, fragment };
  }

  #document(uri: string, reference: string): Resource {
    const given = Object.hasOwn(this.#documents, uri)
      ? this.#documents[uri]
      : Object.hasOwn(this.#documents, `${uri}#`)
        ? this.#documents[`${uri}#`]
        : metaSchema(uri);
    if (given === undefined) {
      throw new SchemaRefused(
        'remote-reference',
        `The schema refers to ${quoted(reference)}, which is not part of it; nothing is fetched`,
      );
    }
    const document = typeof given === 'boolean' ? (given ? {} : { not: {} }) : given;
    const dialect = declaredDialect(document, this.#documents) ?? this.root.dialect;
    const added = this.#add(document, uri, dialect);
    this.#byUri.set(uri, added);
    return added;
  }

  #pointer(start: Resource, pointer: string, reference: string): { schema: Schema; resource: Resource } {
    let value: Json | undefined = start.root;
    let resource = start;
    for (const token of pointer.slice(1).split('/')) {
      const key = token.replace(/~1/g, '/').replace(/~0/g, '~');
      if (Array.isArray(value) && /^(0|[1-9]\d*)$/.test(key)) value = value[Number(key)];
      else if (isJsonObject(value) && Object.hasOwn(value, key)) value = value[key];
      else throw broken(reference);
      if (isJsonObject(value)) resource = this.#places.get(value) ?? resource;
    }
    if (!isSchema(value)) throw broken(reference);
    // Within a keyword that is not known, nothing was looked at before.
    if (isJsonObject(value) && !this.#places.has(value)) this.#index(value, resource);
    return { schema: value, resource };
  }

  #add(root: JsonObject, uri: string, dialect: Dialect): Resource {
    const own = idOf(root, dialect);
    const resource: Resource = {
      uri: own === undefined ? uri : withoutFragment(absoluteUri(own, uri)),
      root,
      dialect,
      anchors: new Map(),
      dynamicAnchors: new Map(),
    };
    if (!this.#byUri.has(resource.uri)) this.#byUri.set(resource.uri, resource);
    this.#index(root, resource);
    return resource;
  }

  /** Notes where `schema` and all within it stand. Recursion is bounded by the schema's depth. */
  #index(schema: JsonObject, outer: Resource): void {
    if (this.#places.has(schema)) return;
    const id = schema === outer.root ? undefined : idOf(schema, outer.dialect);
    if (id !== undefined) {
      this.#add(schema, outer.uri, declaredDialect(schema, this.#documents) ?? outer.dialect);
      return;
    }
    this.#places.set(schema, outer);
    const older = outer.dialect === 'draft-06' || outer.dialect === 'draft-07';
    if (older) {
      const { $id } = schema;
      const name = typeof $id === 'string' ? /^#(.+)$/.exec($id)?.[1] : undefined;
      if (name !== undefined) outer.anchors.set(name, schema);
    } else {
      const { $anchor, $dynamicAnchor } = schema;
      if (typeof $anchor === 'string') outer.anchors.set($anchor, schema);
      if (typeof $dynamicAnchor === 'string' && outer.dialect === '2020-12') {
        if (!outer.anchors.has($dynamicAnchor)) outer.anchors.set($dynamicAnchor, schema);
        outer.dynamicAnchors.set($dynamicAnchor, schema);
      }
      if (schema['$recursiveAnchor'] === true && schema === outer.root) {
        outer.dynamicAnchors.set('', schema);
      }
      if (schema['$dynamicRef'] !== undefined || schema['$recursiveRef'] !== undefined) this.dynamic = true;
    }
    for (const child of subschemas(schema)) this.#index(child, outer);
  }
}

/** The `$id` that makes a schema a resource of its own; in draft-07 one beside a `$ref` does not count. */
function idOf(schema: JsonObject, dialect: Dialect): string | undefined {
  const { $id, $ref } = schema;
  if (typeof $id !== 'string' || $id.startsWith('#')) return undefined;
  const older = dialect === 'draft-06' || dialect === 'draft-07';
  return older && $ref !== undefined ? undefined : $id;
}

function absoluteUri(reference: string, base: string): string {
  try {
    return new URL(reference, base).href;
  } catch {
    // `urn:` bases take fragments only.
    if (reference.startsWith('#')) return withoutFragment(base) + reference;
    throw broken(reference);
  }
}

function withoutFragment(uri: string): string {
  const hash = uri.indexOf('#');
  return hash < 0 ? uri : uri.slice(0, hash);
}

function decode(fragment: string, reference: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    throw broken(reference);
  }
}

function broken(reference: string): SchemaRefused {
  return new SchemaRefused(
    'broken-reference',
    `The schema refers to ${quoted(reference)}, which it does not have; define it in $defs`,
  );
}
