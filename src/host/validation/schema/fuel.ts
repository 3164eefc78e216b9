import { _, type CodeKeywordDefinition } from 'ajv';
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { LinkedSchema } from './link-schema.js';

/** Thrown when a validation has taken all the work that it may take. */
export class ChecksSpent extends Error {}

/** What one validation may still do; shared by all, since a validation is never interrupted. */
export const fuel = {
  left: 0,
  spent(): ChecksSpent {
    return new ChecksSpent();
  },
};

const keyword = 'x-dyno-cost';

/** Counts down; stands at the head of every subschema that runs once per reference, item or property. */
export const fuelKeyword: CodeKeywordDefinition = {
  keyword,
  schemaType: 'number',
  code({ gen, schema }) {
    const left = gen.scopeValue('obj', { ref: fuel });
    gen.code(_`if ((${left}.left -= ${schema as number}) < 0) throw ${left}.spent();`);
  },
};

const loopKeywords = [
  'items',
  'additionalProperties',
  'contains',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
];

/**
 * Puts the price on every subschema that can run more than once in a validation, so that neither a small schema with
 * doubling references nor a large list can hold the process: the price is the number of subschemas that one run takes.
 */
export function chargeFuel({ root, definitions }: LinkedSchema): void {
  const charge = (schema: Json | undefined) => {
    if (isJsonObject(schema) && Object.keys(schema).length > 0) schema[keyword] = price(schema, charge);
  };
  charge(root);
  for (const definition of definitions.values()) charge(definition);
}

function price(schema: JsonObject, charge: (schema: Json | undefined) => void): number {
  let sum = 1;
  const enumeration = schema['enum'];
  if (Array.isArray(enumeration)) sum += enumeration.length >> 3;
  for (const [name, value] of Object.entries(schema)) {
    if (loopKeywords.includes(name)) charge(value);
    else if (name === 'patternProperties' && isJsonObject(value)) Object.values(value).forEach(charge);
    else if (name === 'properties' || name === 'dependentSchemas') {
      if (isJsonObject(value)) sum += values(Object.values(value), charge);
    } else if (name === 'allOf' || name === 'anyOf' || name === 'oneOf' || name === 'prefixItems') {
      if (Array.isArray(value)) sum += values(value, charge);
    } else if (name === 'not' || name === 'if' || name === 'then' || name === 'else') {
      sum += values([value], charge);
    }
  }
  return sum;
}

function values(schemas: readonly Json[], charge: (schema: Json | undefined) => void): number {
  return schemas.reduce<number>((sum, one) => sum + (isJsonObject(one) ? price(one, charge) : 1), 0);
}
