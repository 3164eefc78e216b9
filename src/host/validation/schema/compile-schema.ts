import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject } from '../../../core/json.js';
import { measureJson } from '../json-size.js';
import type { SchemaLimits, ValidationLevel } from '../level.js';
import { PatternBudgetError } from '../pattern/guarded-pattern.js';
import { closeObjects } from './close-objects.js';
import { assertedFormats } from './formats.js';
import { chargeFuel, ChecksSpent, fuel, fuelKeyword } from './fuel.js';
import type { Schema } from './keyword-places.js';
import { documentOf, linkSchema, type LinkedSchema } from './link-schema.js';
import type { SchemaDocuments } from './resources.js';
import { SchemaRefused } from './schema-refusal.js';
import { unevaluatedItemsKeyword } from './unevaluated-items.js';
import { uniqueItemsKeyword } from './unique-items.js';

/** How a schema is compiled. */
export interface CompileOptions {
  level: Exclude<ValidationLevel, 'off'>;
  limits: SchemaLimits;
  documents: SchemaDocuments;
}

/** How a check came out; `exhausted` when it took more work, depth or text than it may. */
export type CheckOutcome =
  | { kind: 'valid' }
  | { kind: 'invalid' }
  | { kind: 'exhausted'; reason: 'checks' | 'depth' }
  | { kind: 'pattern-budget'; text: string; maxLength: number };

/** The work that finding *all* errors may take; beyond it the first one is told alone. */
const maxExplainChecks = 200_000;

/** A schema that can be checked against. One is made per (schema, level) and kept by the cache. */
export class CompiledSchema {
  readonly linked: LinkedSchema;
  readonly #options: CompileOptions;
  readonly #check: ValidateFunction;
  #explain: ValidateFunction | undefined;

  constructor(linked: LinkedSchema, options: CompileOptions) {
    this.linked = linked;
    this.#options = options;
    this.#check = build(linked, options, false);
  }

  /** Checks a value, within the bounds of work. Never throws. */
  check(value: unknown): CheckOutcome {
    return run(this.#check, value, this.#options.limits.maxChecks);
  }

  /** All errors of a value that is not valid; the first one alone where all would take too much work. */
  errors(value: unknown): ErrorObject[] {
    this.#explain ??= build(this.linked, this.#options, true);
    const outcome = run(this.#explain, value, Math.min(maxExplainChecks, this.#options.limits.maxChecks));
    if (outcome.kind === 'invalid') return this.#explain.errors ?? [];
    run(this.#check, value, this.#options.limits.maxChecks);
    return this.#check.errors ?? [];
  }

  /** The same for a part of the linked schema, such as one branch of an `anyOf`. */
  part(schema: Schema): CompiledSchema {
    return new CompiledSchema({ ...this.linked, root: schema }, this.#options);
  }
}

/** Compiles a schema. @throws SchemaRefused */
export function compileSchema(schema: Schema, options: CompileOptions): CompiledSchema {
  const { limits } = options;
  if (typeof schema === 'boolean') {
    return new CompiledSchema({ root: schema, definitions: new Map(), patterns: new Map() }, options);
  }
  const size = measureJson(schema, {
    nodes: limits.maxSchemaNodes,
    depth: limits.maxSchemaDepth,
    text: limits.maxSchemaText,
  });
  switch (size) {
    case 'nodes':
      throw new SchemaRefused('too-large', `The schema has more than ${limits.maxSchemaNodes} values`);
    case 'depth':
      throw new SchemaRefused('too-deep', `The schema is nested deeper than ${limits.maxSchemaDepth}`);
    case 'text':
      throw new SchemaRefused('too-large', `The schema has more than ${limits.maxSchemaText} characters`);
  }
  const linked = linkSchema(schema, {
    limits,
    documents: options.documents,
    basic: options.level === 'basic',
  });
  if (options.level === 'strict' || options.level === 'paranoid') closeObjects(linked);
  chargeFuel(linked);
  return new CompiledSchema(linked, options);
}

function run(validate: ValidateFunction, value: unknown, checks: number): CheckOutcome {
  fuel.left = checks;
  try {
    return validate(value) ? { kind: 'valid' } : { kind: 'invalid' };
  } catch (error) {
    if (error instanceof PatternBudgetError) {
      return { kind: 'pattern-budget', text: error.text, maxLength: error.maxLength };
    }
    if (error instanceof ChecksSpent) return { kind: 'exhausted', reason: 'checks' };
    // The value is nested so deeply that the stack of a recursive schema is spent.
    if (error instanceof RangeError) return { kind: 'exhausted', reason: 'depth' };
    throw error;
  }
}

/** An ajv of its own for every schema: a shared one would keep all that it ever compiled. */
function build(linked: LinkedSchema, { level }: CompileOptions, all: boolean): ValidateFunction {
  const { patterns } = linked;
  const asserts = level === 'strict' || level === 'paranoid';
  const ajv = new Ajv2020({
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    strict: false,
    logger: false,
    inlineRefs: 8,
    ownProperties: true,
    allErrors: all,
    verbose: all,
    validateFormats: asserts,
    code: { regExp: Object.assign((source: string) => patterns.get(source)!, { code: 'guarded' }) },
  });
  for (const own of [uniqueItemsKeyword, unevaluatedItemsKeyword]) {
    ajv.removeKeyword(own.keyword as string);
    ajv.addKeyword(own);
  }
  ajv.addKeyword(fuelKeyword);
  if (asserts) {
    for (const [name, format] of Object.entries(assertedFormats)) ajv.addFormat(name, format);
  }
  return ajv.compile(documentOf(linked) as JsonObject);
}
