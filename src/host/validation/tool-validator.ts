import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { usageError } from '../../core/errors.js';
import type { CallToolResult, Tool } from '../../protocol/index.js';
import { applyDefaults } from './apply-defaults.js';
import { explain } from './explain.js';
import { measureJson } from './json-size.js';
import {
  paranoidSchemaLimits,
  schemaLimits,
  validationLevels,
  valueLimits,
  type SchemaLimits,
  type ValidationLevel,
  type ValueLimits,
} from './level.js';
import { repairValue, type Repair } from './repair/repair-value.js';
import { compileSchema, type CheckOutcome, type CompiledSchema } from './schema/compile-schema.js';
import { isSchema, type Schema } from './schema/keyword-places.js';
import type { SchemaDocuments } from './schema/resources.js';
import { SchemaRefused, type SchemaRefusal } from './schema/schema-refusal.js';
import { shown, validationError, type ValidationError } from './validation-error.js';

/** How a {@link ToolValidator} works. */
export interface ToolValidatorOptions {
  /** Used where a call names none; `standard`. */
  level?: ValidationLevel | undefined;
  /** Compiled schemas that are kept, least recently used first out; 1,000, and 1,000,000 JSON values in all of them. */
  cacheSize?: number | undefined;
  /** Documents that schemas may refer to by address. Nothing else is there, and nothing is fetched. */
  documents?: SchemaDocuments | undefined;
  /** Other limits than those of the level. */
  limits?: Partial<SchemaLimits> | undefined;
  /** Other limits on values at level `paranoid`. */
  valueLimits?: Partial<ValueLimits> | undefined;
}

/** How one value is validated. */
export interface ValidateOptions {
  /** The validator's own unless given. */
  level?: ValidationLevel | undefined;
  /** True fills in the schema's defaults, in a copy; false unless given. */
  applyDefaults?: boolean | undefined;
}

/** How a validation came out. */
export type ValidationResult =
  | {
      valid: true;
      /** The value; a copy with defaults where they were asked for. */
      value: Json;
    }
  | {
      valid: false;
      /** What is wrong, at most 20; one where the schema itself was refused. */
      errors: ValidationError[];
      /** All of it in a few sentences, for a model to read. */
      message: string;
      /** Set when the schema was refused; then nothing is known about the value. */
      refusal?: SchemaRefusal;
      /** How to mend the value; undefined where no way was found. Worked out when called. */
      repair(): Repair | undefined;
    };

/** What a validator did so far. */
export interface ValidatorStatistics {
  validations: number;
  invalid: number;
  /** Validations whose schema was refused. */
  refused: number;
  cacheHits: number;
  compilations: number;
  evictions: number;
  /** Compiled schemas and refusals in the cache. */
  cached: number;
}

/** JSON values of all schemas in the cache. */
const maxCachedNodes = 1_000_000;

type Entry = { compiled: CompiledSchema } | { refusal: SchemaRefusal };

/**
 * Validates what goes into tools and what comes out of them against their JSON Schemas (2020-12, 2019-09, draft-07,
 * draft-06). Each schema is compiled once per level and kept by its hash; schema objects must not be changed after their
 * first use.
 *
 * @example
 * ```ts
 * const validator = new ToolValidator({ level: 'strict' });
 * const result = validator.validateInput(tool, { city: 5 });
 * if (!result.valid) console.log(result.message, result.repair()?.patch);
 * ```
 */
export class ToolValidator {
  readonly #level: ValidationLevel;
  readonly #cacheSize: number;
  readonly #documents: SchemaDocuments;
  readonly #limits: Partial<SchemaLimits>;
  readonly #valueLimits: ValueLimits;
  readonly #cache = new Map<string, Entry>();
  #cachedNodes = 0;
  readonly #hashes = new WeakMap<object, string>();
  readonly #statistics = {
    validations: 0,
    invalid: 0,
    refused: 0,
    cacheHits: 0,
    compilations: 0,
    evictions: 0,
  };

  /** @throws DynoError (104) for an unknown level or a cache size that is no positive whole number */
  constructor(options: ToolValidatorOptions = {}) {
    this.#level = knownLevel(options.level ?? 'standard');
    this.#cacheSize = options.cacheSize ?? 1000;
    if (!Number.isInteger(this.#cacheSize) || this.#cacheSize < 1) {
      throw usageError(
        `Expected the cacheSize of ToolValidator to be a whole number from 1, got ${this.#cacheSize}`,
      );
    }
    this.#documents = options.documents ?? {};
    this.#limits = options.limits ?? {};
    this.#valueLimits = { ...valueLimits, ...options.valueLimits };
  }

  /** What was done so far. */
  get statistics(): ValidatorStatistics {
    return { ...this.#statistics, cached: this.#cache.size };
  }

  /** Validates the arguments of a call against the tool's `inputSchema`; none at all are an empty object, null is null. */
  validateInput(
    tool: Pick<Tool, 'inputSchema'>,
    args: Json | undefined,
    options?: ValidateOptions,
  ): ValidationResult {
    return this.validate(tool.inputSchema, args === undefined ? {} : args, options);
  }

  /**
   * Validates what a tool answered against its `outputSchema`. An answer with `isError` and a tool without `outputSchema`
   * are valid; structured content that is missing is not.
   */
  validateOutput(
    tool: Pick<Tool, 'outputSchema'>,
    result: Pick<CallToolResult, 'structuredContent' | 'isError'>,
    options?: ValidateOptions,
  ): ValidationResult {
    if (tool.outputSchema === undefined || result.isError === true) {
      return { valid: true, value: result.structuredContent ?? null };
    }
    if (result.structuredContent === undefined && (options?.level ?? this.#level) !== 'off') {
      return this.#failure([
        validationError(
          '',
          'required',
          'structured content, since the tool has an outputSchema',
          'none',
          'Answer with structuredContent',
        ),
      ]);
    }
    return this.validate(tool.outputSchema, result.structuredContent ?? null, options);
  }

  /** Validates any JSON value. Never throws for what the schema or the value is. */
  validate(schema: Schema, value: Json, options?: ValidateOptions): ValidationResult {
    const level = options?.level === undefined ? this.#level : knownLevel(options.level);
    this.#statistics.validations++;
    if (level === 'off') return { valid: true, value };
    const entry = this.#entry(schema, level);
    if ('refusal' in entry) return this.#refused(entry.refusal);
    if (level === 'paranoid') {
      const error = this.#oversize(value);
      if (error !== undefined) return this.#failure([error]);
    }
    const { compiled } = entry;
    const subject = options?.applyDefaults === true ? applyDefaults(compiled.linked, value) : value;
    const outcome = compiled.check(subject);
    if (outcome.kind === 'valid') return { valid: true, value: subject };
    const errors = outcome.kind === 'invalid' ? explain(compiled, subject) : [boundError(outcome, subject)];
    return this.#failure(errors, () =>
      outcome.kind === 'invalid' ? repairValue(compiled, subject) : undefined,
    );
  }

  /** Why a schema would be refused at a level; undefined when it can be used. Compiles it if it was not. */
  refusalOf(schema: Schema, level: ValidationLevel = this.#level): SchemaRefusal | undefined {
    if (knownLevel(level) === 'off') return undefined;
    const entry = this.#entry(schema, level as Exclude<ValidationLevel, 'off'>);
    return 'refusal' in entry ? entry.refusal : undefined;
  }

  /** Forgets all compiled schemas. */
  clear(): void {
    this.#cachedNodes = 0;
    this.#cache.clear();
  }

  #entry(schema: Schema, level: Exclude<ValidationLevel, 'off'>): Entry {
    const key = level + this.#hash(schema);
    const known = this.#cache.get(key);
    if (known !== undefined) {
      this.#statistics.cacheHits++;
      // The order of a Map is the order of use, once what is used goes to its end.
      this.#cache.delete(key);
      this.#cache.set(key, known);
      return known;
    }
    const entry = this.#compile(schema, level);
    this.#cache.set(key, entry);
    this.#cachedNodes += sizeOf(entry);
    while (
      this.#cache.size > this.#cacheSize ||
      (this.#cachedNodes > maxCachedNodes && this.#cache.size > 1)
    ) {
      const [oldest, old] = this.#cache.entries().next().value!;
      this.#cache.delete(oldest);
      this.#cachedNodes -= sizeOf(old);
      this.#statistics.evictions++;
    }
    return entry;
  }

  #compile(schema: Schema, level: Exclude<ValidationLevel, 'off'>): Entry {
    this.#statistics.compilations++;
    const base = level === 'paranoid' ? paranoidSchemaLimits : schemaLimits;
    const limits = { ...base, ...this.#limits };
    try {
      if (!isSchema(schema)) {
        const got = shown(schema as Json);
        throw new SchemaRefused(
          'invalid-schema',
          `Expected a schema to be an object or a boolean, got ${got}`,
        );
      }
      return { compiled: compileSchema(schema, { level, limits, documents: this.#documents }) };
    } catch (error) {
      if (error instanceof SchemaRefused) return { refusal: error.refusal };
      // What cannot be taken in spite of all checks is the schema's fault, never the caller's.
      const message = `The schema cannot be used: ${shown(error instanceof Error ? error.message : null)}`;
      return { refusal: { reason: 'invalid-schema', message } };
    }
  }

  #hash(schema: Schema): string {
    if (typeof schema !== 'object') return String(schema);
    const known = this.#hashes.get(schema);
    if (known !== undefined) return known;
    const hash = hashOf(schema);
    this.#hashes.set(schema, hash);
    return hash;
  }

  #oversize(value: Json): ValidationError | undefined {
    const { maxNodes, maxDepth, maxText } = this.#valueLimits;
    const limit = (expected: string, repair: string) =>
      validationError('', 'limit', expected, shown(value), repair);
    switch (measureJson(value, { nodes: maxNodes, depth: maxDepth, text: maxText })) {
      case 'nodes':
        return limit(`made of at most ${maxNodes} values`, 'Send less');
      case 'depth':
        return limit(`nested at most ${maxDepth} deep`, 'Flatten it');
      case 'text':
        return limit(`made of at most ${maxText} characters`, 'Send less');
      default:
        return undefined;
    }
  }

  #refused(refusal: SchemaRefusal): ValidationResult {
    this.#statistics.refused++;
    const error: ValidationError = {
      path: '',
      keyword: '$schema',
      expected: 'a schema that can be used',
      got: refusal.reason,
      repair: 'Mend the schema of the tool, or validate this tool at level off',
      message: refusal.message,
    };
    return { ...this.#failure([error]), refusal };
  }

  #failure(
    errors: ValidationError[],
    repair: () => Repair | undefined = () => undefined,
  ): Extract<ValidationResult, { valid: false }> {
    this.#statistics.invalid++;
    return { valid: false, errors, message: errors.map(({ message }) => message).join(' '), repair };
  }
}

function sizeOf(entry: Entry): number {
  return 'compiled' in entry ? entry.compiled.size : 1;
}

function boundError(
  outcome: Exclude<CheckOutcome, { kind: 'valid' } | { kind: 'invalid' }>,
  value: Json,
): ValidationError {
  if (outcome.kind === 'pattern-budget') {
    const path = pathOf(outcome.text, value) ?? '';
    const expected = `a text of at most ${outcome.maxLength} characters, for its pattern to be safe to match`;
    return validationError(
      path,
      'pattern',
      expected,
      `${outcome.text.length} characters`,
      'Shorten the text',
    );
  }
  const expected =
    outcome.reason === 'depth'
      ? 'nested less deeply, for its recursive schema to be checked'
      : 'smaller, for its schema to be checked within the bounds of work';
  return validationError('', 'limit', expected, shown(value), 'Send less');
}

/** Where in a value a text stands; looked for without recursion. */
function pathOf(text: string, value: Json): string | undefined {
  const waiting: { value: Json; path: string }[] = [{ value, path: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.value === text) return next.path;
    if (Array.isArray(next.value) || isJsonObject(next.value)) {
      for (const [key, child] of Object.entries(next.value as JsonObject)) {
        waiting.push({ value: child, path: `${next.path}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}` });
      }
    }
  }
  return undefined;
}

function hashOf(schema: JsonObject): string {
  try {
    return createHash('sha256').update(JSON.stringify(schema)).digest('base64');
  } catch {
    // A cycle or a depth that JSON cannot write; it will be refused for that, but only under its own name.
    return `unwritable ${Math.random()}`;
  }
}

function knownLevel<L extends ValidationLevel>(level: L): L {
  if (validationLevels.includes(level)) return level;
  throw usageError(
    `Expected the validation level to be ${validationLevels.join(', ')}, got '${String(level)}'`,
  );
}
