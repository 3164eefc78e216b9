import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySchemaObject } from 'ajv';
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { quoted, SchemaRefused } from './schema-refusal.js';

/** The dialects of JSON Schema that are understood. */
export type Dialect = 'draft-06' | 'draft-07' | '2019-09' | '2020-12';

/** What MCP takes a schema for that does not say (revision 2025-11-25). */
export const defaultDialect: Dialect = '2020-12';

const dialects = new Map<string, Dialect>([
  ['json-schema.org/draft-06/schema', 'draft-06'],
  ['json-schema.org/draft-07/schema', 'draft-07'],
  ['json-schema.org/draft/2019-09/schema', '2019-09'],
  ['json-schema.org/draft/2020-12/schema', '2020-12'],
]);

/**
 * The dialect that a schema declares, by name or through a meta-schema among the documents; undefined when it does not.
 *
 * @throws SchemaRefused for an unknown one
 */
export function declaredDialect(
  schema: JsonObject,
  documents: Readonly<Record<string, Json>>,
): Dialect | undefined {
  const declared = schema['$schema'];
  if (declared === undefined) return undefined;
  let dialect: Dialect | undefined;
  let name: Json | undefined = declared;
  for (let hops = 0; hops < 8 && typeof name === 'string' && dialect === undefined; hops++) {
    dialect = dialects.get(name.replace(/^https?:\/\//, '').replace(/#$/, ''));
    const document: Json | undefined = Object.hasOwn(documents, name) ? documents[name] : undefined;
    name = isJsonObject(document) ? document['$schema'] : undefined;
  }
  if (dialect === undefined) {
    const got = quoted(typeof declared === 'string' ? declared : JSON.stringify(declared));
    throw new SchemaRefused(
      'unknown-dialect',
      `Expected $schema to name JSON Schema 2020-12, 2019-09, draft-07 or draft-06, got ${got}`,
    );
  }
  return dialect;
}

interface MetaValidator {
  validateSchema(schema: AnySchemaObject): boolean | Promise<unknown>;
  errors?: { instancePath: string; message?: string }[] | null;
  schemas: Record<string, { schema: unknown } | undefined>;
  refs: Record<string, { schema: unknown } | string | undefined>;
}

const metaValidators = new Map<Dialect, MetaValidator>();

function metaValidator(dialect: Dialect): MetaValidator {
  let validator = metaValidators.get(dialect);
  if (validator === undefined) {
    const options = { strict: false, validateFormats: false, logger: false } as const;
    const Build = dialect === '2020-12' ? Ajv2020 : dialect === '2019-09' ? Ajv2019 : Ajv;
    // Draft-06 has the keywords of draft-07 but `if`, `then` and `else`.
    validator = new Build(options) as MetaValidator;
    metaValidators.set(dialect, validator);
  }
  return validator;
}

const draft06 = 'http://json-schema.org/draft-06/schema';

/**
 * What is wrong with a schema by the rules of its dialect, as one clause; undefined when nothing is. The schema's size
 * and depth have to be bounded before.
 */
export function faultOf(schema: JsonObject, dialect: Dialect): string | undefined {
  const validator = metaValidator(dialect);
  // Its own dialect is given, so that neither a missing `$schema` nor draft-06 sends ajv looking for another.
  const copy: JsonObject = { ...schema };
  delete copy['$schema'];
  if (validator.validateSchema(copy) === true) return undefined;
  const [first] = validator.errors ?? [];
  return `at ${quoted(first?.instancePath ?? '')}: ${first?.message ?? 'it is not valid'}`;
}

/** The dialect to read a schema by: the declared one, else 2020-12, else draft-07 where only that fits. */
export function dialectOf(schema: JsonObject, documents: Readonly<Record<string, Json>>): Dialect {
  const declared = declaredDialect(schema, documents);
  const fault = faultOf(schema, declared ?? defaultDialect);
  if (fault === undefined) return declared ?? defaultDialect;
  // Generators of draft-07 often leave `$schema` out; `items` as a list gives them away.
  if (declared === undefined && faultOf(schema, 'draft-07') === undefined) return 'draft-07';
  throw new SchemaRefused(
    'invalid-schema',
    `The schema is not valid JSON Schema ${declared ?? defaultDialect} ${fault}`,
  );
}

/** A meta-schema, by its address; they come with ajv and are the only documents that are there without being given. */
export function metaSchema(uri: string): JsonObject | undefined {
  for (const dialect of ['2020-12', '2019-09', 'draft-07'] as const) {
    const { schemas, refs } = metaValidator(dialect);
    const found = schemas[uri] ?? refs[uri] ?? schemas[`${uri}#`] ?? refs[`${uri}#`];
    if (typeof found === 'object' && isJsonObject(found.schema)) return found.schema;
  }
  return uri === draft06 ? metaSchema('http://json-schema.org/draft-07/schema') : undefined;
}
