import type { Json } from '../../core/json.js';
import type { RawError } from './schema/check.js';
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
  const told: ValidationError[] = [];
  for (const error of compiled.errors(value)) {
    if (told.length >= maxErrors) break;
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
      told.push(...combination(compiled, error, nesting));
    } else told.push(explainError(error));
  }
  const seen = new Set<string>();
  return told.filter(({ message }) => !seen.has(message) && seen.add(message)).slice(0, maxErrors);
}

function combination(compiled: CompiledSchema, error: RawError, nesting: number): ValidationError[] {
  const branches = error.schema as Schema[];
  const { data } = error;
  const passing = error.params['passingSchemas'];
  if (error.keyword === 'oneOf' && Array.isArray(passing)) {
    const both = passing.map((index) => Number(index) + 1).join(' and ');
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
