import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import { messageOf, printableLine, type Json, type JsonObject } from '../../core/index.js';
import { refuseSchema, schemaLimits, without } from './local-schema.js';
import { compilePattern, mayExplode } from './safe-pattern.js';

/** What is wrong with a value: where, and what was expected. Empty where it fits. */
export interface SchemaFault {
  /** `filter.since`; empty for the value itself. */
  path: string;
  message: string;
}

/** Checks values against one schema. */
export interface Checker {
  check(value: Json): SchemaFault[];
  /** The validator's own words, one per fault, for what looks deeper. */
  errors(value: Json): readonly ErrorObject[];
}

let loaded: Promise<Ajv2020> | undefined;

/** A pattern as ajv tests it; one that is no regular expression, or may explode, is not tested at all. */
const lenientRegExp = Object.assign(
  (pattern: string) => {
    const expression = mayExplode(pattern) ? undefined : compilePattern(pattern);
    return {
      // ajv keeps one expression per text of it.
      toString: () => pattern,
      test: (text: string) =>
        expression === undefined || text.length > schemaLimits.textLength || expression.test(text),
    };
  },
  { code: 'lenientRegExp' },
);

async function load(): Promise<Ajv2020> {
  const [{ Ajv2020 }, formats] = await Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')]);
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: true,
    // Servers declare all drafts and their own dialects; what matters is the same in all of them.
    validateSchema: false,
    logger: false,
    code: { regExp: lenientRegExp as never },
  });
  // A CommonJS module whose types and exports disagree about what its default is.
  (formats.default as unknown as (ajv: Ajv2020) => void)(ajv);
  return ajv;
}

/** Loads the validator ahead of time; never rejects, as whoever needs it will see for themselves. */
export async function preloadChecker(): Promise<void> {
  loaded ??= load();
  await loaded.catch(() => undefined);
}

/**
 * A checker for a tool's schema, by ajv (loaded when first needed). Nothing is fetched: a schema that refers to the
 * network cannot be compiled, and the error says so.
 *
 * @throws Error with a reason in its message when the schema cannot be used.
 */
export async function checkerFor(schema: JsonObject): Promise<Checker> {
  const refused = refuseSchema(schema);
  if (refused !== undefined) throw new Error(refused);
  loaded ??= load();
  const ajv = await loaded;
  // `$id` would register the schema for good, and `$schema` would ask for that dialect.
  const plain = without(schema, '$schema', '$id');
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(plain);
  } catch (cause) {
    throw new Error(`its schema cannot be used: ${printableLine(messageOf(cause), 160)}`, { cause });
  } finally {
    ajv.removeSchema(plain);
  }
  const errors = (value: Json): readonly ErrorObject[] => (validate(value) ? [] : (validate.errors ?? []));
  return { errors, check: (value) => errors(value).map(faultOf) };
}

function faultOf(error: ErrorObject): SchemaFault {
  const steps = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const params = error.params as {
    missingProperty?: string;
    additionalProperty?: string;
    allowedValues?: Json[];
  };
  if (params.missingProperty !== undefined) steps.push(params.missingProperty);
  if (params.additionalProperty !== undefined) steps.push(params.additionalProperty);
  const path = printableLine(steps.join('.'), 120);
  if (params.missingProperty !== undefined) return { path, message: 'is missing' };
  if (params.additionalProperty !== undefined) return { path, message: 'is no known argument' };
  if (params.allowedValues) {
    return { path, message: printableLine(`must be one of ${JSON.stringify(params.allowedValues)}`, 200) };
  }
  return { path, message: printableLine(error.message ?? error.keyword, 200) };
}
