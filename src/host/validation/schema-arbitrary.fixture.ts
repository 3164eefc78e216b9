import fc from 'fast-check';
import type { Json, JsonObject } from '../../core/json.js';

/** Schemas that some value fits, of the keywords that tools use, nested to a depth. */
export function satisfiableSchema(depth: number): fc.Arbitrary<JsonObject> {
  const optional = <T extends Json>(name: string, value: fc.Arbitrary<T>): fc.Arbitrary<JsonObject> =>
    fc.option(value, { nil: undefined }).map((v): JsonObject => (v === undefined ? {} : { [name]: v }));
  const merged = (...parts: fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> =>
    fc.tuple(...parts).map((all) => Object.assign({}, ...all) as JsonObject);

  const number = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 10, max: 100 }), fc.boolean(), fc.boolean())
    .chain(([low, span, whole, exclusive]) =>
      merged(
        fc.constant({ type: whole ? 'integer' : 'number' }),
        optional(exclusive ? 'exclusiveMinimum' : 'minimum', fc.constant(low)),
        optional(exclusive ? 'exclusiveMaximum' : 'maximum', fc.constant(low + span)),
        optional('multipleOf', fc.constantFrom(1, 2, 5, 0.5)),
      ),
    );
  const text = fc.oneof(
    fc.tuple(fc.nat(5), fc.nat(8)).map(([least, more]) => ({
      type: 'string',
      minLength: least,
      maxLength: least + more,
    })),
    fc
      .constantFrom('^[a-z]+$', '^\\d{4}-\\d{2}$', '^(?:[A-Z]{2}|x)-[0-9]{1,3}$', '^(?=.*\\d)[a-z0-9]{6,}$')
      .map((pattern) => ({ type: 'string', pattern })),
    fc
      .constantFrom('date', 'date-time', 'email', 'uri', 'uuid', 'ipv4')
      .map((format) => ({ type: 'string', format })),
  );
  const choice = fc
    .uniqueArray(fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null)), {
      minLength: 1,
      maxLength: 5,
    })
    .map((values): JsonObject => ({ enum: values as Json[] }));
  const scalar: fc.Arbitrary<JsonObject> = fc.oneof(
    number,
    text as fc.Arbitrary<JsonObject>,
    choice,
    fc.constant<JsonObject>({ type: 'boolean' }),
    fc.constant<JsonObject>({ type: ['string', 'null'] }),
  );
  if (depth === 0) return scalar;
  const inner = satisfiableSchema(depth - 1);
  const list = merged(
    fc.constant({ type: 'array' }),
    inner.map((items) => ({ items })),
    fc.tuple(fc.nat(2), fc.nat(3)).map(([least, more]) => ({ minItems: least, maxItems: least + more })),
  );
  const names = ['city', 'unit', 'max_results', 'startDate', 'x'];
  const object = fc
    .tuple(
      fc.subarray(names, { minLength: 1 }),
      fc.array(inner, { minLength: 5, maxLength: 5 }),
      fc.boolean(),
    )
    .chain(([known, schemas, closed]) =>
      merged(
        fc.constant({
          type: 'object',
          properties: Object.fromEntries(known.map((name, index) => [name, schemas[index]!])),
        }),
        optional('required', fc.subarray(known)),
        fc.constant<JsonObject>(closed ? { additionalProperties: false } : {}),
      ),
    );
  const either = fc.array(inner, { minLength: 1, maxLength: 3 }).map((anyOf): JsonObject => ({ anyOf }));
  return fc.oneof({ weight: 2, arbitrary: scalar }, list, { weight: 4, arbitrary: object }, either);
}

/** JSON values, of which many have the property names that {@link satisfiableSchema} uses. */
export function roughValue(): fc.Arbitrary<Json> {
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.integer({ min: -200, max: 200 }),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
        fc.boolean(),
        fc.constant(null),
        fc.constantFrom('5', 'true', '[1,2]', '{"city":"x"}', '2026/1/2', ' abc '),
      ),
      fc.array(tie('value'), { maxLength: 6 }),
      fc.dictionary(
        fc.constantFrom('city', 'City', 'unit', 'maxResults', 'start_date', 'x', 'other'),
        tie('value'),
        { maxKeys: 5 },
      ),
    ),
  }));
  return value;
}
