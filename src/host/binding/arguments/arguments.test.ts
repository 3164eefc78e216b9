import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Json, JsonObject } from '../../../core/json.js';
import { assertedFormats } from '../../validation/schema/formats.js';
import { coerce } from './coerce.js';
import { fillArguments, given } from './fill.js';
import { holds } from './holds.js';
import { likeness, nameParts } from './likeness.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
for (const [name, format] of Object.entries(assertedFormats)) ajv.addFormat(name, format);

const like = (a: string, b: string) => likeness(nameParts(a), nameParts(b));

function object(properties: JsonObject, required: string[] = []): JsonObject {
  return { type: 'object', properties, required };
}

function fill(schema: JsonObject, entities: JsonObject, context: JsonObject = {}, query = '') {
  return fillArguments(schema, given(entities, context, query));
}

describe('likeness', () => {
  it.each([
    ['issue', 'issueIdOrKey', 'priority'],
    ['branch', 'branch_name', 'path'],
    ['repository', 'repo', 'branch'],
    ['recipient', 'to', 'subject'],
    ['file', 'filePath', 'content'],
    ['project', 'projectKey', 'issueType'],
    ['max_results', 'limit', 'label'],
  ])('%s is more like %s than like %s', (entity, near, far) => {
    expect(like(entity, near)).toBeGreaterThan(like(entity, far));
    expect(like(entity, near)).toBeGreaterThan(0.45);
  });

  it('is 1 for names that differ in case and separators only, and symmetric', () => {
    expect(like('time_zone', 'timeZone')).toBe(1);
    const name = fc.stringMatching(/^[a-z]{1,8}([A-Z_][a-z]{1,6}){0,2}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        const value = like(a, b);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('coerce', () => {
  it.each<[string, Json, JsonObject, Json]>([
    ['a number from text', '5', { type: 'integer' }, 5],
    ['a grouped number', '1,200.5', { type: 'number' }, 1200.5],
    ['text from a number', 5, { type: 'string' }, '5'],
    ['yes', 'yes', { type: 'boolean' }, true],
    ['off', 'OFF', { type: 'boolean' }, false],
    ['a list of one', 'a', { type: 'array', items: { type: 'string' } }, ['a']],
    ['a list from commas', 'a, b', { type: 'array', items: { type: 'string' } }, ['a', 'b']],
    ['a list of numbers', ['1', 2], { type: 'array', items: { type: 'integer' } }, [1, 2]],
    ['an enum in another case', 'High', { enum: ['low', 'high'] }, 'high'],
    ['an enum by its beginning', 'descending', { enum: ['asc', 'desc'] }, 'desc'],
    ['an enum with other separators', 'in progress', { enum: ['todo', 'IN_PROGRESS'] }, 'IN_PROGRESS'],
    ['a day as a moment', '2026-01-02', { type: 'string', format: 'date-time' }, '2026-01-02T00:00:00Z'],
    ['a moment as a day', '2026-01-02T10:00:00Z', { type: 'string', format: 'date' }, '2026-01-02'],
    ['an address from a name', 'Ann <a@b.org>', { type: 'string', format: 'email' }, 'a@b.org'],
    ['a web address', 'example.com/x', { type: 'string', format: 'uri' }, 'https://example.com/x'],
    ['one of several types', '7', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 7],
    ['a type list', '7', { type: ['integer', 'null'] }, 7],
    ['members of an object', { n: '3' }, object({ n: { type: 'integer' } }), { n: 3 }],
    ['a reference', '3', { $ref: '#/$defs/n' }, 3],
  ])('makes %s', (_, value, schema, expected) => {
    expect(coerce(value, schema, { $defs: { n: { type: 'integer' } } })?.value).toEqual(expected);
  });

  it.each<[string, Json, JsonObject]>([
    ['half a thing', '2.5', { type: 'integer' }],
    ['a number out of range, never clamped', 500, { type: 'integer', maximum: 100 }],
    ['a long text, never cut', 'abcdef', { type: 'string', maxLength: 3 }],
    ['an enum that two members begin', 'in', { enum: ['inbox', 'index'] }],
    ['an unknown enum member', 'purple', { enum: ['red', 'blue'] }],
    ['text that is no number', 'five', { type: 'number' }],
    ['a list that is too long', [1, 2, 3], { type: 'array', maxItems: 2 }],
    ['an address that is none', 'nobody', { type: 'string', format: 'email' }],
    ['a day that is none', '2026-13-45', { type: 'string', format: 'date' }],
    ['an object for text', { a: 1 }, { type: 'string' }],
    ['anything for false', 1, { not: {} }],
  ])('has no room for %s', (_, value, schema) => {
    expect(coerce(value, schema, {})).toBeUndefined();
  });

  it('leaves to a full validator what it does not read', () => {
    expect(coerce('abc', { type: 'string', pattern: '^[a-z]+$' }, {})).toMatchObject({ uncertain: true });
    expect(coerce('abc', { type: 'string' }, {})).toMatchObject({ uncertain: false });
  });
});

/** Schemas of the keywords that are read, and some that are not. */
const { schema: anySchema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constantFrom<JsonObject>(
      { type: 'string' },
      { type: 'string', minLength: 2, maxLength: 4 },
      { type: 'string', pattern: '^a' },
      { type: 'string', format: 'email' },
      { type: 'integer', minimum: 2, maximum: 9 },
      { type: 'number', exclusiveMinimum: 0, multipleOf: 2 },
      { type: 'boolean' },
      { type: ['string', 'null'] },
      { enum: ['a', 'B', 3, null] },
      { const: 'x' },
      {},
    ),
    tie('schema').map((items): JsonObject => ({
      type: 'array',
      items,
      minItems: 1,
      maxItems: 3,
      uniqueItems: true,
    })),
    fc.tuple(tie('schema'), tie('schema'), fc.subarray(['a', 'b'])).map(([a, b, required]): JsonObject => ({
      type: 'object',
      properties: { a, b },
      required,
      additionalProperties: false,
    })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]): JsonObject => ({ anyOf: [a, b] })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]): JsonObject => ({ oneOf: [a, b] })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]): JsonObject => ({ allOf: [a, { not: b }] })),
  ),
}));
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<Json>(
    'a',
    'b',
    'x',
    'abc',
    '5',
    5,
    4,
    'yes',
    'a,b',
    'a@b.org',
    null,
    { a: 'a' },
    { a: 5, b: 'x' },
    ['a'],
  ),
) as fc.Arbitrary<Json>;

describe('holds', () => {
  it('agrees with ajv wherever it is sure', () => {
    let sure = 0;
    let all = 0;
    fc.assert(
      fc.property(anySchema, anyValue, (schema, value) => {
        const verdict = holds(value, schema, schema);
        all++;
        if (verdict === 'unknown') return;
        sure++;
        expect(verdict === 'yes').toBe(ajv.validate(schema, value));
        ajv.removeSchema();
      }),
      { numRuns: 250 },
    );
    expect(sure / all).toBeGreaterThan(0.7);
  });
});

describe('fillArguments', () => {
  it('never fills in a value that the schema forbids, whatever the schema and the values', () => {
    let filledIn = 0;
    fc.assert(
      fc.property(
        anySchema,
        anySchema,
        fc.subarray(['a', 'b']),
        anyValue,
        anyValue,
        (a, b, required, one, two) => {
          const root: JsonObject = {
            type: 'object',
            properties: { a, b },
            required,
            additionalProperties: false,
          };
          const filling = fill(root, { a: one, b: two });
          for (const [name, value] of Object.entries(filling.arguments)) {
            filledIn++;
            // Where it is not sure it says so, and the binder asks the full validator.
            if (filling.uncertain) continue;
            if (filling.missing.some((path) => path.startsWith(`/${name}/`))) continue;
            expect(ajv.validate({ a, b }[name]!, value)).toBe(true);
          }
          if (filling.missing.length === 0 && filling.problem === undefined && !filling.uncertain) {
            expect(ajv.validate(root, filling.arguments)).toBe(true);
          }
          ajv.removeSchema();
        },
      ),
      { numRuns: 200 },
    );
    expect(filledIn).toBeGreaterThan(60);
  });

  it('goes by names, synonyms and descriptions', () => {
    const schema = object({
      projectKey: { type: 'string' },
      q: { type: 'string', description: 'The city to look up' },
      maxResults: { type: 'integer' },
    });
    expect(fill(schema, { project: 'ABC', city: 'Oslo', limit: '5' }).arguments).toEqual({
      projectKey: 'ABC',
      q: 'Oslo',
      maxResults: 5,
    });
  });

  it('fills nested parameters from flat and from nested values', () => {
    const schema = object({
      address: object({ city: { type: 'string' }, zip: { type: 'string' } }, ['city']),
    });
    expect(fill(schema, { city: 'Oslo', zip: 150 }).arguments).toEqual({
      address: { city: 'Oslo', zip: '150' },
    });
    expect(fill(schema, { address: { city: 'Oslo' } }).arguments).toEqual({ address: { city: 'Oslo' } });
    expect(fill(object({ city: { type: 'string' } }), { address: { city: 'Oslo' } }).arguments).toEqual({
      city: 'Oslo',
    });
  });

  it('leaves out an optional object that lacks what it requires', () => {
    const schema = object({
      address: object({ city: { type: 'string' }, zip: { type: 'string' } }, ['city']),
    });
    const filling = fill(schema, { zip: '0150' });
    expect(filling.arguments).toEqual({});
    expect(filling.filled).toEqual([]);
  });

  it('names what is missing, inside of required objects too', () => {
    const schema = object({ address: object({ city: {}, zip: {} }, ['city', 'zip']), name: {} }, [
      'address',
      'name',
    ]);
    expect(fill(schema, { zip: '0150' }).missing).toEqual(['/name', '/address/city']);
    expect(fill(schema, {}).missing).toEqual(['/address', '/name']);
  });

  it('puts entities before context, each value in one place', () => {
    const schema = object({ source_branch: { type: 'string' }, target_branch: { type: 'string' } }, [
      'source_branch',
      'target_branch',
    ]);
    const filling = fill(schema, { branch: 'x' }, { branch: 'main' });
    expect(filling.arguments).toEqual({ source_branch: 'x', target_branch: 'main' });
    expect(filling.filled.map(({ origin }) => origin)).toEqual(['entities', 'context']);
  });

  it('says where values came from and how they were changed', () => {
    const filling = fill(object({ count: { type: 'integer' } }), { count: '5' });
    expect(filling.filled).toEqual([
      { path: '/count', origin: 'entities', from: 'count', confidence: 0.95, how: 'read as a number' },
    ]);
  });

  it('names entities that found no place', () => {
    expect(fill(object({ city: { type: 'string' } }), { city: 'Oslo', colour: 'red' }).unused).toEqual([
      'colour',
    ]);
  });

  it('gives the last required argument the last entity, but not one of another type', () => {
    const schema = object({ message: { type: 'string' } }, ['message']);
    expect(fill(schema, { greeting: 'hi' }).arguments).toEqual({ message: 'hi' });
    expect(fill(schema, { greeting: { a: 1 } }).arguments).toEqual({});
    expect(fill(schema, { greeting: 'hi', colour: 'red' }).arguments).toEqual({});
  });

  it('takes what the user said for the query of a search, and constants from the schema', () => {
    const schema = object({ query: { type: 'string' }, kind: { const: 'web' } }, ['query', 'kind']);
    expect(fill(schema, {}, {}, ' red pandas ').arguments).toEqual({ query: 'red pandas', kind: 'web' });
    expect(fill(schema, { topic: 'pandas' }, {}, 'find pandas').arguments).toEqual({
      query: 'pandas',
      kind: 'web',
    });
  });

  it('takes optional arguments back that may not stand together', () => {
    const schema = {
      ...object({ id: { type: 'string' }, name: { type: 'string' } }),
      oneOf: [{ required: ['id'] }, { required: ['name'] }],
    };
    const filling = fill(schema, { id: '1', name: 'x' });
    expect(Object.keys(filling.arguments)).toHaveLength(1);
    expect(ajv.validate(schema, filling.arguments)).toBe(true);
    expect(fill(schema, {}).problem).toMatch(/combination of arguments/);
  });

  it('is not led astray by hostile names', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"},"toString":{}}}',
    ) as JsonObject;
    const entities = JSON.parse('{"__proto__":"x","constructor":"y"}') as JsonObject;
    const filling = fill(schema, entities);
    expect(Object.getPrototypeOf(filling.arguments)).toBe(Object.prototype);
    expect(filling.arguments).toEqual({ constructor: 'y' });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('ends on recursive and huge schemas', () => {
    const recursive: JsonObject = {
      type: 'object',
      properties: { node: { $ref: '#/$defs/node' } },
      $defs: {
        node: { type: 'object', properties: { name: { type: 'string' }, node: { $ref: '#/$defs/node' } } },
      },
    };
    expect(fill(recursive, { name: 'x' }).arguments).toEqual({ node: { name: 'x' } });
    const loop: JsonObject = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a' } },
      $defs: { a: { $ref: '#/$defs/a' } },
    };
    expect(fill(loop, { a: 1 }).arguments).toEqual({});
    const wide = object(
      Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`p${i}`, { type: 'string' }])),
    );
    expect(fill(wide, { p7: 'x' }).arguments).toEqual({ p7: 'x' });
  });
});
