/**
 * How much a validation claims.
 *
 * - `off`: nothing is checked.
 * - `basic`: types and required properties. Of `oneOf` one or more may match; `not`, `if` and all limits are left out.
 * - `standard`: the full schema; formats are annotations, as JSON Schema 2020-12 says.
 * - `strict`: and formats, and no property that the schema does not know. An object whose schema names no property at
 *   all stays open, and so does one that says `additionalProperties` itself.
 * - `paranoid`: and limits on the size and depth of the value, on the size of the schema, and on what patterns may cost.
 *
 * At every level but `off` a hostile schema (huge, deep, catastrophic pattern, remote `$ref`) is refused, never run, and
 * the work that one validation may take is bounded.
 */
export type ValidationLevel = 'off' | 'basic' | 'standard' | 'strict' | 'paranoid';

/** The levels, from the least to the most that is checked. */
export const validationLevels: readonly ValidationLevel[] = [
  'off',
  'basic',
  'standard',
  'strict',
  'paranoid',
];

/** What a schema may be, and what checking a value against it may cost. */
export interface SchemaLimits {
  /** JSON values in a schema; 50,000 (paranoid: 5,000). */
  maxSchemaNodes: number;
  /** Nesting of a schema; 128 (paranoid: 32). */
  maxSchemaDepth: number;
  /** Characters of all names and texts of a schema; 2,000,000 (paranoid: 200,000). */
  maxSchemaText: number;
  /** Subschemas that `$ref`s lead to, after dynamic references were worked out; 2,000 (paranoid: 500). */
  maxDefinitions: number;
  /** Characters of a pattern; 2,000 (paranoid: 500). */
  maxPatternLength: number;
  /** Steps that a match may need at worst; 10,000,000 (paranoid: 100,000). Longer texts are refused unmatched. */
  maxPatternSteps: number;
  /** The degree of the polynomial that bounds a pattern's cost; 5 (paranoid: 2). */
  maxPatternDegree: number;
  /** Subschemas that one validation may evaluate; 20,000,000 (paranoid: 1,000,000). */
  maxChecks: number;
}

/** What a value may be at level `paranoid`. */
export interface ValueLimits {
  /** JSON values in a value; 100,000. */
  maxNodes: number;
  /** Nesting; 32. */
  maxDepth: number;
  /** Characters of all its names and texts; 1,000,000. */
  maxText: number;
}

/** The limits of every level but `paranoid`. */
export const schemaLimits: SchemaLimits = {
  maxSchemaNodes: 50_000,
  maxSchemaDepth: 128,
  maxSchemaText: 2_000_000,
  maxDefinitions: 2_000,
  maxPatternLength: 2_000,
  maxPatternSteps: 10_000_000,
  maxPatternDegree: 5,
  maxChecks: 20_000_000,
};

/** The limits of level `paranoid`. */
export const paranoidSchemaLimits: SchemaLimits = {
  maxSchemaNodes: 5_000,
  maxSchemaDepth: 32,
  maxSchemaText: 200_000,
  maxDefinitions: 500,
  maxPatternLength: 500,
  maxPatternSteps: 100_000,
  maxPatternDegree: 2,
  maxChecks: 1_000_000,
};

/** The limits on values at level `paranoid`. */
export const valueLimits: ValueLimits = { maxNodes: 100_000, maxDepth: 32, maxText: 1_000_000 };
