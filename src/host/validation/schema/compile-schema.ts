import type { Json } from '../../../core/json.js';
import { measureJson } from '../json-size.js';
import type { SchemaLimits, ValidationLevel } from '../level.js';
import { PatternBudgetError } from '../../../core/pattern/guarded-pattern.js';
import { ChecksSpent, Run, type Check, type RawError } from './check.js';
import { closeObjects } from './close-objects.js';
import { evaluator } from './evaluator.js';
import type { Schema } from './keyword-places.js';
import { linkSchema, type LinkedSchema } from './link-schema.js';
import type { SchemaDocuments } from './resources.js';
import { SchemaRefused } from './schema-refusal.js';

/** How a schema is compiled. */
export interface CompileOptions {
  level: Exclude<ValidationLevel, 'off'>;
  limits: SchemaLimits;
  documents: SchemaDocuments;
}

/** How a check came out; `exhausted` when it took more work or depth than it may. */
export type CheckOutcome =
  | { kind: 'valid' }
  | { kind: 'invalid' }
  | { kind: 'exhausted'; reason: 'checks' | 'depth' }
  | { kind: 'pattern-budget'; text: string; maxLength: number };

const valid: CheckOutcome = { kind: 'valid' };
const invalid: CheckOutcome = { kind: 'invalid' };

/** A schema that can be checked against. One is made per (schema, level) and kept by the cache. */
export class CompiledSchema {
  readonly linked: LinkedSchema;
  /** JSON values in the schema. */
  readonly size: number;
  readonly #options: CompileOptions;
  readonly #check: Check;

  constructor(linked: LinkedSchema, options: CompileOptions, size: number) {
    this.linked = linked;
    this.size = size;
    this.#options = options;
    this.#check = evaluator(linked, options.level === 'strict' || options.level === 'paranoid');
  }

  /** Checks a value, within the bounds of work. Never throws. */
  check(value: Json): CheckOutcome {
    return this.#run(value, new Run(this.#options.limits.maxChecks, false));
  }

  /** What is wrong with a value that is not valid, at most 200. */
  errors(value: Json): RawError[] {
    const run = new Run(this.#options.limits.maxChecks, true);
    this.#run(value, run);
    return run.errors ?? [];
  }

  /** The same for a part of the linked schema, such as one branch of an `anyOf`. */
  part(schema: Schema): CompiledSchema {
    return new CompiledSchema({ ...this.linked, root: schema }, this.#options, this.size);
  }

  #run(value: Json, run: Run): CheckOutcome {
    try {
      return this.#check(value, run, '', undefined) ? valid : invalid;
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
}

/** Compiles a schema. @throws SchemaRefused */
export function compileSchema(schema: Schema, options: CompileOptions): CompiledSchema {
  const { limits } = options;
  if (typeof schema === 'boolean') {
    return new CompiledSchema({ root: schema, definitions: new Map(), patterns: new Map() }, options, 1);
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
  return new CompiledSchema(linked, options, size.nodes);
}
