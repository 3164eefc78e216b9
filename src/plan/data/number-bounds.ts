import type { JsonObject } from '../../core/index.js';
import { typeOf } from '../arguments/local-schema.js';

/** One end of the numbers that a schema allows. */
export interface NumberBound {
  value: number;
  /** The value itself is not allowed. */
  exclusive: boolean;
}

/** The ends of the numbers that a schema allows, the tighter one where two are given. */
export function numberBounds(schema: JsonObject): { min?: NumberBound; max?: NumberBound } {
  const read = (key: string) => (typeof schema[key] === 'number' ? schema[key] : undefined);
  const min = read('minimum');
  const above = read('exclusiveMinimum');
  const max = read('maximum');
  const below = read('exclusiveMaximum');
  const least =
    above !== undefined && (min === undefined || above >= min)
      ? { value: above, exclusive: true }
      : min === undefined
        ? undefined
        : { value: min, exclusive: false };
  const most =
    below !== undefined && (max === undefined || below <= max)
      ? { value: below, exclusive: true }
      : max === undefined
        ? undefined
        : { value: max, exclusive: false };
  return { ...(least && { min: least }), ...(most && { max: most }) };
}

/** The smallest difference between two numbers that a schema allows; 0.001 where it allows all. */
export function stepOf(schema: JsonObject): number {
  const multiple = schema['multipleOf'];
  if (typeof multiple === 'number' && multiple > 0) return multiple;
  return typeOf(schema) === 'integer' ? 1 : 0.001;
}
