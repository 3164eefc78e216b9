import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Json, type JsonObject } from '../../core/index.js';
import { checkerFor } from './checker.js';
import { Surroundings } from './surroundings.js';
import { argumentVariants } from './variants.js';

async function variantsOf(
  inputSchema: JsonObject,
  around = new Surroundings(),
  name = 'look_up',
  description = '',
) {
  const variants: JsonObject[] = [];
  const made = argumentVariants({ name, description, inputSchema }, around, seededRandom(1));
  for (;;) {
    const { value, done } = await made.next();
    if (done) return { variants, problem: value };
    variants.push(value);
  }
}

const first = async (properties: JsonObject, around?: Surroundings, name?: string) =>
  (await variantsOf({ type: 'object', properties, required: Object.keys(properties) }, around, name))
    .variants[0]!;

describe('made arguments', () => {
  it('are the plainest first: required ones only', async () => {
    const { variants } = await variantsOf({
      type: 'object',
      properties: { message: { type: 'string' }, loud: { type: 'boolean' } },
      required: ['message'],
    });
    expect(Object.keys(variants[0]!)).toEqual(['message']);
    expect(variants.some((variant) => 'loud' in variant)).toBe(true);
    expect(new Set(variants.map((variant) => JSON.stringify(variant))).size).toBe(variants.length);
  });

  it('are empty where nothing is required', async () => {
    expect((await variantsOf({ type: 'object', properties: { a: { type: 'number' } } })).variants[0]).toEqual(
      {},
    );
    expect((await variantsOf({ type: 'object' })).variants).toEqual([{}]);
  });

  it('take constants, enums, examples and defaults as they are', async () => {
    expect(
      await first({
        a: { const: 7 },
        b: { enum: ['x', 'y'] },
        c: { type: 'string', examples: ['ITEM001'] },
        d: { type: 'integer', default: 42 },
        e: { enum: ['x', 'y'], default: 'y' },
        f: { type: 'string', description: "an id, e.g. 'ITEM-77'" },
        g: { type: 'string', description: 'sort order (one of: "asc", "desc")' },
      }),
    ).toEqual({ a: 7, b: 'x', c: 'ITEM001', d: 42, e: 'y', f: 'ITEM-77', g: 'asc' });
  });

  it.each([
    ['email', /^[a-z]+@example\.com$/],
    ['contactEmail', /@example\.com$/],
    ['city', /^[A-Z][A-Za-z ]+$/],
    ['country_code', /^[A-Z]{2}$/],
    ['start_date', /^\d{4}-\d\d-\d\d$/],
    ['createdAt', /^\d{4}-\d\d-\d\dT/],
    ['url', /^https:\/\/example\.(com|org)\//],
    ['phone_number', /^\+[\d ]+$/],
    ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/],
    ['language', /^(en|de)$/],
    ['currency', /^(EUR|USD)$/],
    ['timezone', /^(Europe\/Berlin|UTC)$/],
    ['query', /^[a-z]+$/],
    ['item_id', /^\d$/],
    ['ip_address', /^\d+\.\d+\.\d+\.\d+$/],
    ['zip', /^\d{5}$/],
    ['sql', /^SELECT 1$/],
  ])('are realistic by name: %s', async (name, like) => {
    expect((await first({ [name]: { type: 'string' } }))[name]).toMatch(like);
  });

  it.each([
    ['latitude', -60, 60],
    ['lon', -170, 170],
    ['price', 1, 100],
    ['year', 2020, 2024],
    ['month', 1, 12],
    ['page', 1, 1],
    ['limit', 1, 5],
    ['duration_seconds', 1, 1],
    ['temperature', 0, 1],
  ])('are realistic by name: the number %s', async (name, min, max) => {
    const value = (await first({ [name]: { type: 'number' } }))[name];
    expect(value).toBeGreaterThanOrEqual(min);
    expect(value).toBeLessThanOrEqual(max);
  });

  it('follow local references, allOf, anyOf and nested shapes', async () => {
    const { variants } = await variantsOf({
      type: 'object',
      $defs: {
        point: {
          type: 'object',
          properties: { lat: { type: 'number' }, lon: { type: 'number' } },
          required: ['lat', 'lon'],
        },
        named: {
          $anchor: 'named',
          properties: { name: { type: 'string', minLength: 3 } },
          required: ['name'],
        },
      },
      properties: {
        where: { $ref: '#/$defs/point' },
        who: {
          allOf: [
            { $ref: '#named' },
            { properties: { age: { type: 'integer', minimum: 30 } }, required: ['age'] },
          ],
        },
        how: { anyOf: [{ type: 'null' }, { type: 'array', items: { enum: ['a'] }, minItems: 2 }] },
        range: {
          oneOf: [
            { type: 'object', properties: { from: { const: 1 } }, required: ['from'] },
            { type: 'string' },
          ],
        },
        pair: {
          type: 'array',
          prefixItems: [{ type: 'string' }, { type: 'integer' }],
          minItems: 2,
          items: false,
        },
      },
      required: ['where', 'who', 'how', 'range', 'pair'],
    });
    expect(variants[0]).toMatchObject({
      how: ['a', 'a'],
      range: { from: 1 },
      pair: [expect.any(String), expect.any(Number)],
    });
    expect((variants[0]!['who'] as JsonObject)['age']).toBeGreaterThanOrEqual(30);
  });

  it('keep to patterns, lengths, ranges and steps', async () => {
    const args = await first({
      code: { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' },
      word: { type: 'string', minLength: 30, maxLength: 40 },
      even: { type: 'integer', multipleOf: 2, minimum: 11, maximum: 13 },
      tight: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.01 },
      when: { type: 'string', format: 'date-time' },
    });
    expect(args['code']).toMatch(/^[A-Z]{3}-\d{4}$/);
    expect(String(args['word']).length).toBeGreaterThanOrEqual(30);
    expect(args['even']).toBe(12);
    expect(args['tight']).toBeGreaterThan(0);
    expect(args['tight']).toBeLessThan(0.01);
    expect(Number.isNaN(Date.parse(String(args['when'])))).toBe(false);
  });

  it('manage the rarer keywords with json-schema-faker', async () => {
    const { variants, problem } = await variantsOf({
      type: 'object',
      properties: { kind: { enum: ['a', 'b'] }, count: { type: 'integer' } },
      required: ['kind'],
      if: { properties: { kind: { const: 'a' } } },
      then: { required: ['count'], properties: { count: { minimum: 5 } } },
    });
    expect(problem).toBeUndefined();
    expect(variants.length).toBeGreaterThan(0);
  });

  it('are the same for the same seed', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, n: { type: 'integer' } },
      required: ['city', 'n'],
    };
    expect(await variantsOf(schema)).toEqual(await variantsOf(schema));
  });
});

describe('paths', () => {
  const around = () => new Surroundings({ directories: ['/data'], files: ['/data/a.txt'] });

  it.each([
    ['read_file', 'path', '/data/a.txt'],
    ['list_directory', 'path', '/data'],
    ['search_files', 'path', '/data'],
    ['show', 'directory', '/data'],
    ['list_things', 'file_path', '/data/a.txt'],
  ])('of %s {%s} are what the server was started with', async (tool, field, path) => {
    expect((await first({ [field]: { type: 'string' } }, around(), tool))[field]).toBe(path);
  });

  it('are relative where the description says so', async () => {
    const description = 'Path of the file, relative to the repository root';
    expect(
      (await first({ filePath: { type: 'string', description } }, around(), 'git_blame'))['filePath'],
    ).toBe('a.txt');
  });

  it('are added where optional, once without was tried', async () => {
    const path = { type: 'string', default: '.', description: 'Path to the Git repository' };
    const { variants } = await variantsOf({ type: 'object', properties: { path } }, around(), 'git_log');
    expect(variants.slice(0, 2)).toEqual([{}, { path: '/data' }]);
  });
});

describe('what answers teach', () => {
  it('is used for fields of the same name, and an id of what was listed', async () => {
    const around = new Surroundings();
    around.learn('list_warehouses', { warehouses: [{ id: 'WH-7', city: 'Oslo' }] }, []);
    around.learn('list_orders', undefined, ['{"orders":[{"order_id":"O-1"}]}']);
    around.learn('whoami', undefined, ['User name: grace']);
    expect((await first({ id: { type: 'string' } }, around, 'get_warehouse'))['id']).toBe('WH-7');
    expect((await first({ warehouse_id: { type: 'string' } }, around, 'stock'))['warehouse_id']).toBe('WH-7');
    expect((await first({ order_id: { type: 'string' } }, around, 'get_order'))['order_id']).toBe('O-1');
    expect((await first({ user_name: { type: 'string' } }, around, 'greet'))['user_name']).toBe('grace');
  });

  it('finds directories that a server says it allows', async () => {
    const around = new Surroundings();
    around.learn('list_allowed_directories', undefined, ['Allowed directories:\n/srv/files']);
    expect((await first({ path: { type: 'string' } }, around, 'list_directory'))['path']).toBe('/srv/files');
  });

  it('is bounded', () => {
    const around = new Surroundings();
    around.learn(
      'list_items',
      { items: Array.from({ length: 100_000 }, (_, id) => ({ id, [`k${id}`]: 'x' })) },
      ['x'.repeat(5_000_000)],
    );
    expect(around.valuesFor('id', 'get_item').length).toBeLessThanOrEqual(40);
  });
});

describe('hostile schemas', () => {
  const deep = (levels: number): JsonObject =>
    levels === 0
      ? { type: 'string' }
      : { type: 'object', properties: { a: deep(levels - 1) }, required: ['a'] };

  it.each<[string, JsonObject, RegExp]>([
    [
      'a remote $ref',
      { type: 'object', properties: { a: { $ref: 'https://evil.example/schema.json' } }, required: ['a'] },
      /does not fetch|cannot be used/,
    ],
    [
      'a $ref to nowhere',
      { type: 'object', properties: { a: { $ref: '#/$defs/none' } }, required: ['a'] },
      /no '#\/\$defs\/none'|cannot be used/,
    ],
    [
      'a $ref in a circle',
      {
        type: 'object',
        properties: { a: { $ref: '#/$defs/b' } },
        required: ['a'],
        $defs: { b: { $ref: '#/$defs/b' } },
      },
      /circles|cannot be used/,
    ],
    [
      'a value that holds itself',
      { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] },
      /nested deeper/,
    ],
    ['great depth', deep(100), /nested deeper/],
    [
      'a billion items',
      { type: 'object', properties: { a: { type: 'array', minItems: 1e9 } }, required: ['a'] },
      /1000000000 items/,
    ],
    ['an impossible value', { type: 'object', properties: { a: false }, required: ['a'] }, /allows no value/],
    [
      'a contradiction',
      { type: 'object', properties: { a: { type: 'integer', minimum: 5, maximum: 1 } }, required: ['a'] },
      /no value was found/,
    ],
    [
      'great size',
      { type: 'object', description: 'x'.repeat(600_000), properties: { a: {} }, required: ['a'] },
      /characters long/,
    ],
    [
      'a pattern without end',
      { type: 'object', properties: { a: { type: 'string', pattern: 'a{5000000}' } }, required: ['a'] },
      /no text was found/,
    ],
  ])('are refused with a reason: %s', async (_what, schema, reason) => {
    const { variants, problem } = await variantsOf(schema);
    expect(variants).toEqual([]);
    expect(problem?.reason).toMatch(reason);
  });

  it('name the argument in the way', async () => {
    const { problem } = await variantsOf({
      type: 'object',
      properties: { filter: { type: 'object', properties: { since: false }, required: ['since'] } },
      required: ['filter'],
    });
    expect(problem).toEqual({ path: 'filter.since', reason: 'the schema allows no value' });
  });

  it('with explosive patterns take no time', async () => {
    const { variants } = await variantsOf({
      type: 'object',
      properties: {
        a: { type: 'string', pattern: '^(a+)+$' },
        b: { type: 'string', pattern: '^(x|xx)+y$' },
        c: { type: 'string', pattern: '(' },
        // Neither long nor nested in plain sight: it held the whole process for ever.
        d: { type: 'string', minLength: 60, pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' },
      },
      required: ['a', 'b'],
    });
    expect(variants[0]!['a']).toMatch(/^a+$/);
    const checker = await checkerFor({ properties: { a: { pattern: '^(a+)+$' } } });
    expect(checker.check({ a: `${'a'.repeat(40)}!` })).toEqual([]);
  });

  it('cannot reach a prototype', async () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"const":{"polluted":true}},"constructor":{"type":"string"}},"required":["__proto__","constructor"]}',
    ) as JsonObject;
    const { variants } = await variantsOf(schema);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(variants[0])).toBe(Object.prototype);
  });
});

/** Schemas as servers write them, and some that nobody should. */
const schemas: fc.Arbitrary<JsonObject> = fc.letrec<{ any: JsonObject; object: JsonObject }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.record({ type: fc.constant('string'), minLength: fc.nat(20) }) as fc.Arbitrary<JsonObject>,
    fc.constantFrom<JsonObject>(
      { type: 'integer', minimum: 3, maximum: 9 },
      { type: 'number', exclusiveMinimum: 0 },
      { type: 'boolean' },
      { enum: ['a', 1, null] },
      { const: { x: 1 } },
      { type: ['string', 'null'] },
      { type: 'string', format: 'email' },
      { type: 'string', format: 'uuid' },
      { type: 'string', pattern: '^[a-f]{4}$' },
      { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      {},
    ),
    fc.record({
      type: fc.constant('array'),
      items: tie('any'),
      minItems: fc.nat(3),
    }) as fc.Arbitrary<JsonObject>,
    tie('object'),
  ),
  object: fc
    .dictionary(fc.constantFrom('id', 'path', 'city', 'limit', 'x y', 'startDate', 'query'), tie('any'))
    .map((properties) => ({
      type: 'object',
      properties: properties as Json,
      required: Object.keys(properties).filter((_, index) => index % 2 === 0),
    })),
})).object;

describe('any sensible schema', () => {
  it('gets arguments that an independent validator accepts', async () => {
    await fc.assert(
      fc.asyncProperty(schemas, async (schema) => {
        const { variants, problem } = await variantsOf(schema);
        expect(problem).toBeUndefined();
        const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
        for (const variant of variants) expect([validate(variant), variant]).toEqual([true, variant]);
      }),
      { numRuns: 25 },
    );
  });
});
