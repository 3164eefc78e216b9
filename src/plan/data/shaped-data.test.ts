import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type JsonObject } from '../../core/index.js';
import { argumentVariants, Surroundings } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import type { DataShape, ShapedData } from './data-shape.js';
import { shapedData } from './shaped-data.js';

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, logger: false });

async function dataOf(
  inputSchema: JsonObject,
  shape: DataShape,
  { bytes = 2000, seed = 1, base }: { bytes?: number; seed?: number; base?: JsonObject } = {},
): Promise<ShapedData> {
  const tool: CatalogueTool = { name: 'tool', inputSchema };
  const around = new Surroundings();
  const first = base ?? (await argumentVariants(tool, around, seededRandom(seed)).next()).value;
  return await shapedData({
    tool,
    base: first as JsonObject,
    around,
    random: seededRandom(seed),
    shape,
    bytes,
  });
}

const text = fc.record(
  {
    type: fc.constant('string'),
    minLength: fc.integer({ min: 0, max: 5 }),
    maxLength: fc.integer({ min: 5, max: 60 }),
  },
  { requiredKeys: ['type'] },
);
const patterned = fc.record({
  type: fc.constant('string'),
  pattern: fc.constantFrom('^[a-z]+$', '^ITEM\\d{3}$', '^[A-Z]{2,}-\\d+$'),
});
const whole = fc.record(
  {
    type: fc.constant('integer'),
    minimum: fc.integer({ min: -50, max: 0 }),
    maximum: fc.integer({ min: 10, max: 500 }),
    multipleOf: fc.constantFrom(1, 2, 5),
  },
  { requiredKeys: ['type'] },
);
const fraction = fc.record(
  {
    type: fc.constant('number'),
    exclusiveMinimum: fc.constantFrom(0, -1.5),
    exclusiveMaximum: fc.constantFrom(1, 99.5),
  },
  { requiredKeys: ['type'] },
);
const choice = fc.record({
  enum: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
});
const scalar = fc.oneof(
  text,
  patterned,
  whole,
  fraction,
  choice,
  fc.constant({ type: 'boolean' }),
  fc.constant({}),
);
const { schemas } = fc.letrec<{ value: JsonObject; schemas: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.record(
      {
        type: fc.constant('array'),
        items: tie('value'),
        minItems: fc.integer({ min: 0, max: 2 }),
        maxItems: fc.integer({ min: 2, max: 5 }),
      },
      { requiredKeys: ['type', 'items'] },
    ),
    tie('schemas'),
    fc.record({ type: fc.constant('object') }),
  ) as fc.Arbitrary<JsonObject>,
  schemas: fc
    .record({
      properties: fc.dictionary(fc.constantFrom('id', 'name', 'limit', 'tags', 'filter'), tie('value'), {
        minKeys: 1,
        maxKeys: 4,
      }),
      all: fc.boolean(),
      closed: fc.boolean(),
    })
    .map(({ properties, all, closed }) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(0, all ? undefined : 1),
      ...(closed ? { additionalProperties: false } : {}),
    })) as fc.Arbitrary<JsonObject>,
}));

const shapes = ['small', 'large', 'deep', 'unicode', 'boundary', 'mixed'] as const;

describe('data of a shape', () => {
  it('fits the schema wherever it is meant to, whatever the schema', async () => {
    await fc.assert(
      fc.asyncProperty(schemas, fc.constantFrom(...shapes), async (schema, shape) => {
        const { samples, missing } = await dataOf(schema, shape);
        const validate = ajv.compile(schema);
        for (const { args, name } of samples)
          expect(validate(args), `${name}: ${JSON.stringify(args)}`).toBe(true);
        expect(samples.length + missing.length).toBeGreaterThan(0);
        // Half a surrogate pair has no UTF-8.
        for (const { args } of samples)
          expect(Buffer.from(JSON.stringify(args)).toString() === JSON.stringify(args)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('breaks the schema wherever it is invalid, each under a name of its own', async () => {
    await fc.assert(
      fc.asyncProperty(schemas, async (schema) => {
        const { samples } = await dataOf(schema, 'invalid');
        const validate = ajv.compile(schema);
        for (const { args, name, keyword } of samples) {
          expect(validate(args), `${name}: ${JSON.stringify(args)}`).toBe(false);
          expect(validate.errors!.map((error) => error.keyword)).toContain(keyword);
        }
        expect(new Set(samples.map(({ name }) => name)).size).toBe(samples.length);
        // Every such schema asks for something.
        expect(samples.map(({ keyword }) => keyword)).toContain('required');
      }),
      { numRuns: 60 },
    );
  });

  it('is the same for the same seed', async () => {
    await fc.assert(
      fc.asyncProperty(
        schemas,
        fc.constantFrom(...shapes, 'invalid' as const),
        fc.nat(99),
        async (schema, shape, seed) => {
          expect(await dataOf(schema, shape, { seed })).toEqual(await dataOf(schema, shape, { seed }));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is within 1 % of the size asked for, to the byte where a text is free', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1000, max: 50_000 }), fc.boolean(), async (bytes, list) => {
        const schema = list
          ? {
              type: 'object',
              properties: { ids: { type: 'array', items: { type: 'integer' } } },
              required: ['ids'],
            }
          : {
              type: 'object',
              properties: { a: { type: 'string' }, b: { type: 'string', maxLength: 50 } },
              required: ['a'],
            };
        const { samples, missing } = await dataOf(schema, 'large', {
          bytes,
          base: list ? { ids: [1] } : { a: 'x' },
        });
        expect(missing).toEqual([]);
        for (const { args } of samples) {
          const size = Buffer.byteLength(JSON.stringify(args));
          if (list) expect(Math.abs(size - bytes)).toBeLessThanOrEqual(bytes * 0.01);
          else expect(size).toBe(bytes);
        }
      }),
      { numRuns: 15 },
    );
  });
});

const search: JsonObject = {
  type: 'object',
  properties: {
    query: { type: 'string', minLength: 2, maxLength: 20 },
    category: { type: 'string', enum: ['tools', 'toys'] },
    limit: { type: 'integer', minimum: 1, maximum: 50 },
    ratio: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.25 },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 3, uniqueItems: true },
  },
  required: ['query'],
  additionalProperties: false,
};

const namesOf = ({ samples }: ShapedData): string[] => samples.map(({ name }) => name);

describe('a schema with every kind of bound', () => {
  it('is broken in every one of them, one at a time', async () => {
    const data = await dataOf(search, 'invalid', { base: { query: 'lamp' } });
    expect(namesOf(data)).toEqual(
      expect.arrayContaining([
        'query missing',
        'query is a number',
        'query shorter than minLength 2',
        'query longer than maxLength 20',
        'category not in its enum',
        'limit below minimum 1',
        'limit above maximum 50',
        'limit is a fraction',
        'limit is a number as text',
        'ratio at exclusiveMinimum 0',
        'ratio no multiple of 0.25',
        'tags with more than maxItems 3',
        'tags with the same item twice',
        'the arguments with an unknown argument',
      ]),
    );
    const above = data.samples.find(({ name }) => name === 'limit above maximum 50')!;
    expect(above.args).toEqual({ query: 'lamp', limit: 51 });
  });

  it('is tried at each of its edges', async () => {
    const data = await dataOf(search, 'boundary', { base: { query: 'lamp' } });
    const at = new Map(data.samples.map(({ name, args }) => [name, args]));
    expect(at.get('query = minLength 2')).toEqual({ query: 'la' });
    expect(at.get('query = maxLength 20')!['query']).toHaveLength(20);
    expect(at.get('category = choice 2 of 2')).toEqual({ query: 'lamp', category: 'toys' });
    expect(at.get('limit = minimum 1')).toEqual({ query: 'lamp', limit: 1 });
    expect(at.get('limit = maximum 50')).toEqual({ query: 'lamp', limit: 50 });
    expect(at.get('ratio = just inside exclusiveMinimum 0')).toEqual({ query: 'lamp', ratio: 0.25 });
    expect(at.get('tags = maxItems 3')!['tags']).toHaveLength(3);
  });

  it('is as small as it allows', async () => {
    const data = await dataOf(search, 'small', { base: { query: 'lamp', limit: 10 } });
    expect(data.samples.map(({ args }) => args)).toEqual([{ query: 'la' }, { query: 'lamp' }]);
  });

  it('says how large it can be at most', async () => {
    const data = await dataOf(search, 'large', { bytes: 5000, base: { query: 'lamp' } });
    expect(data.missing[0]).toMatch(/^large: its schema bounds them to \d+ of 5000 bytes$/);
    expect(data.samples[0]!.args['query']).toHaveLength(20);
  });
});

describe('deep data', () => {
  it('nests where anything may stand, to a thousand levels', async () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { data: { type: 'object' } },
      required: ['data'],
    };
    const data = await dataOf(schema, 'deep', { bytes: 10_000, base: { data: {} } });
    expect(namesOf(data)).toEqual([10, 60, 100, 500, 1000].map((levels) => `data ${levels} levels deep`));
    expect(JSON.stringify(data.samples[0]!.args).match(/\{"d":/g)).toHaveLength(10);
  });

  it('follows a schema that refers to itself', async () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { root: { $ref: '#/$defs/node' } },
      required: ['root'],
      $defs: {
        node: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            children: { type: 'array', items: { $ref: '#/$defs/node' } },
          },
          required: ['name'],
        },
      },
    };
    const base = { root: { name: 'a', children: [{ name: 'b' }] } };
    const { samples } = await dataOf(schema, 'deep', { bytes: 100_000, base });
    expect(samples.at(-1)!.name).toBe('root 1000 levels deep');
    expect(JSON.stringify(samples[0]!.args).match(/"children"/g)).toHaveLength(10);
    const validate = ajv.compile(schema);
    for (const { args } of samples) expect(validate(args)).toBe(true);
  });

  it('says that there is nothing to nest', async () => {
    expect(await dataOf(search, 'deep', { base: { query: 'lamp' } })).toEqual({
      samples: [],
      missing: ['deep: its schema has no object or list of any kind, nor does it refer to itself'],
    });
  });
});

describe('unicode data', () => {
  it('holds each kind of text, cut between characters', async () => {
    const { samples } = await dataOf(search, 'unicode', { base: { query: 'lamp' } });
    const of = (name: string) => samples.find((sample) => sample.name === name)?.args['query'];
    expect(of('NUL and control characters')).toContain('\u0000');
    expect(of('beyond the basic plane')).toContain('🚀');
    expect(of('right to left')).toContain('ש');
    expect(samples).toHaveLength(10);
    for (const { args } of samples) expect([...String(args['query'])].length).toBeLessThanOrEqual(20);
  });

  it('says that there is no text', async () => {
    const schema: JsonObject = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    expect((await dataOf(schema, 'unicode', { base: { n: 1 } })).missing).toEqual([
      'unicode: its schema has no text',
    ]);
    const bound: JsonObject = { type: 'object', properties: { n: { enum: ['a'] } }, required: ['n'] };
    expect((await dataOf(bound, 'unicode', { base: { n: 'a' } })).missing).toEqual([
      'unicode: its schema has no text that may hold any characters',
    ]);
  });
});

it('says that nothing is invalid where the schema forbids nothing', async () => {
  expect(await dataOf({ type: 'object', properties: {} }, 'invalid', { base: {} })).toEqual({
    samples: [],
    missing: ['invalid: its schema forbids nothing'],
  });
});

it('says that a schema cannot be used', async () => {
  const { samples, missing } = await dataOf({ type: 'object', $ref: 'https://example.com/x' }, 'small', {
    base: {},
  });
  expect(samples).toEqual([]);
  expect(missing[0]).toMatch(/^small: its schema cannot be used/);
});
