import type { ErrorObject } from 'ajv';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { CompiledSchema } from './schema/compile-schema.js';
import type { Schema } from './schema/keyword-places.js';
import { schemaFit } from './schema-fit.js';
import { explainError, shown, validationError, type ValidationError } from './validation-error.js';

/** Errors told at once; a model mends these first. */
const maxErrors = 20;
const maxNesting = 3;

/**
 * All that is wrong with a value, at most 20 errors. Of an `anyOf` or `oneOf` the branch is explained that the value comes
 * closest to, instead of every branch.
 */
export function explain(compiled: CompiledSchema, value: Json, nesting = 0): ValidationError[] {
  const raw = withoutBranches(compiled.errors(value));
  const told: ValidationError[] = [];
  for (const error of raw) {
    if (told.length >= maxErrors) break;
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
      told.push(...combination(compiled, error, nesting));
    } else if (error.keyword !== 'if') told.push(explainError(error));
  }
  const seen = new Set<string>();
  return told.filter(({ message }) => !seen.has(message) && seen.add(message)).slice(0, maxErrors);
}

function combination(compiled: CompiledSchema, error: ErrorObject, nesting: number): ValidationError[] {
  const branches = error.schema as Schema[];
  const data = error.data as Json;
  const passing = (error.params as { passingSchemas?: [number, number] }).passingSchemas;
  if (error.keyword === 'oneOf' && Array.isArray(passing)) {
    const both = passing.map((index) => index + 1).join(' and ');
    return [
      validationError(
        error.instancePath,
        'oneOf',
        `exactly one of ${branches.length} alternatives`,
        `${shown(data)}, which fits alternatives ${both}`,
        'Leave out what makes it fit more than one',
      ),
    ];
  }
  const { definitions } = compiled.linked;
  let best: { branch: Schema; fit: number } | undefined;
  for (const branch of branches) {
    const fit = schemaFit(branch, data, definitions);
    if (best === undefined || fit > best.fit) best = { branch, fit };
  }
  const whole = validationError(
    error.instancePath,
    error.keyword,
    `one of ${branches.length} alternatives`,
    shown(data),
    'Choose one alternative and follow it',
  );
  if (best === undefined || nesting >= maxNesting) return [whole];
  const inner = explain(compiled.part(best.branch), data, nesting + 1).map((one) => ({
    ...one,
    path: error.instancePath + one.path,
  }));
  if (inner.length === 0) return [whole];
  return inner.map((one) => validationError(one.path, one.keyword, one.expected, one.got, one.repair));
}

/** ajv tells the errors of every branch before the one of the combination; those are left out. */
function withoutBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf' || error.keyword === 'propertyNames') {
      const inside = reachable(error.schema as Json);
      while (kept.length > 0) {
        const last = kept[kept.length - 1]!;
        const below = last.instancePath.startsWith(error.instancePath);
        const ofBranch =
          last.schemaPath.startsWith(`${error.schemaPath}/`) || inside.has(definitionOf(last.schemaPath));
        if (!below || !ofBranch) break;
        kept.pop();
      }
    }
    kept.push(error);
  }
  return kept;
}

function definitionOf(schemaPath: string): string {
  return /^#\/\$defs\/[^/]+/.exec(schemaPath)?.[0] ?? '';
}

/** The definitions that a schema names directly; deeper ones are told apart by the order of the errors. */
function reachable(schema: Json): Set<string> {
  const found = new Set<string>();
  const waiting: Json[] = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) waiting.push(...next);
    else if (isJsonObject(next)) {
      const { $ref } = next as JsonObject;
      if (typeof $ref === 'string') found.add($ref);
      waiting.push(...Object.values(next));
    }
  }
  return found;
}
