import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../core/json.js';
import { applyPatch } from './repair/json-patch.js';
import { roughValue, satisfiableSchema } from './schema-arbitrary.fixture.js';
import { ToolValidator, type ValidationResult } from './tool-validator.js';

const weather: JsonObject = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 1 },
    unit: { enum: ['celsius', 'fahrenheit'], default: 'celsius' },
    days: { type: 'integer', minimum: 1, maximum: 14 },
    email: { type: 'string', format: 'email' },
  },
  required: ['city'],
};

function refused(result: ValidationResult) {
  if (result.valid) throw new Error('Expected the value to be refused');
  return result;
}

it('takes no arguments for an empty object, and null for what it is', () => {
  const validator = new ToolValidator();
  const tool = { inputSchema: { type: 'object' } };
  expect(validator.validateInput(tool, undefined).valid).toBe(true);
  expect(refused(validator.validateInput(tool, null)).errors[0]!.keyword).toBe('type');
});

describe('the errors of a validation', () => {
  const validator = new ToolValidator();
  const errorsOf = (value: Json, schema = weather) => refused(validator.validate(schema, value)).errors;

  it.each<[Json, string, RegExp]>([
    [{ city: 5 }, '/city', /a text.*got 5 \(a number\)/],
    [{}, '/city', /to be there, got nothing\. Add the property "city"/],
    [{ city: 'x', unit: 'kelvin' }, '/unit', /one of "celsius", "fahrenheit".*"kelvin"/],
    [{ city: 'x', days: 99 }, '/days', /at most 14, got 99/],
    [{ city: 'x', days: 1.5 }, '/days', /a whole number, got 1\.5/],
    [[1], '', /an object, got a list of 1/],
  ])('name the place, what was expected, what was there and what to do: %j', (value, path, message) => {
    const [error] = errorsOf(value);
    expect(error?.path).toBe(path);
    expect(error?.message).toMatch(message);
  });

  it('tell all that is wrong at once', () => {
    expect(errorsOf({ unit: 'k', days: 0 }).map(({ path }) => path)).toEqual(['/city', '/unit', '/days']);
  });

  it('explain the branch of an anyOf that was meant, instead of every branch', () => {
    const shape: JsonObject = {
      anyOf: [
        {
          properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
          required: ['kind', 'radius'],
        },
        { properties: { kind: { const: 'box' }, width: { type: 'number' } }, required: ['kind', 'width'] },
      ],
    };
    expect(errorsOf({ kind: 'box', width: '3' }, shape)).toMatchObject([{ path: '/width', keyword: 'type' }]);
  });

  it('are bounded in number and free of control characters', () => {
    const many = { items: { type: 'number' } };
    expect(
      errorsOf(
        Array.from({ length: 5000 }, () => 'x'),
        many,
      ),
    ).toHaveLength(20);
    const [error] = errorsOf({ city: '', unit: '\u001b[31m\u202e' + 'y'.repeat(5000) });
    expect(error!.message.length).toBeLessThan(400);
    const { message } = errorsOf({ city: 'x', unit: '\u001b[31m\u202e' })[0]!;
    expect([...message].every((character) => character >= ' ' && character !== '\u202e')).toBe(true);
  });
});

describe('the levels', () => {
  const at = (level: 'off' | 'basic' | 'standard' | 'strict' | 'paranoid', value: Json, schema = weather) =>
    new ToolValidator({ level }).validate(schema, value).valid;

  it('check more and more', () => {
    const wrongEnum = { city: 'x', unit: 'kelvin' };
    expect([at('off', wrongEnum), at('basic', wrongEnum), at('standard', wrongEnum)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([at('off', { city: 1 }), at('basic', { city: 1 })]).toEqual([true, false]);
    expect([at('basic', {}), at('standard', {})]).toEqual([false, false]);
    const unknown = { city: 'x', colour: 'red' };
    expect([at('standard', unknown), at('strict', unknown)]).toEqual([true, false]);
    const format = { city: 'x', email: 'nobody' };
    expect([at('standard', format), at('strict', format)]).toEqual([true, false]);
    const large = { city: 'x'.repeat(1_000_001) };
    expect([at('strict', large), at('paranoid', large)]).toEqual([true, false]);
    let deep: Json = 1;
    for (let i = 0; i < 40; i++) deep = [deep];
    expect([at('strict', deep, { type: 'array' }), at('paranoid', deep, { type: 'array' })]).toEqual([
      true,
      false,
    ]);
  });

  it('strict knows properties through combinations, and leaves free-form objects open', () => {
    const combined: JsonObject = {
      $defs: { base: { properties: { id: { type: 'integer' } } } },
      allOf: [{ $ref: '#/$defs/base' }],
      properties: {
        meta: { type: 'object' },
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        item: { properties: { name: { type: 'string' } } },
      },
    };
    expect(at('strict', { id: 1, meta: { any: 1 }, tags: { a: 'b' }, item: { name: 'x' } }, combined)).toBe(
      true,
    );
    expect(at('strict', { id: 1, other: 1 }, combined)).toBe(false);
    expect(at('strict', { item: { name: 'x', size: 2 } }, combined)).toBe(false);
  });

  it('are refused by name when unknown', () => {
    expect(() => new ToolValidator({ level: 'severe' as never })).toThrow(/off, basic.*got 'severe'/);
    expect(() => new ToolValidator({ cacheSize: 0 })).toThrow(/cacheSize.*got 0/);
  });
});

describe('defaults', () => {
  it('are filled in only when asked for, and never in the value that was given', () => {
    const validator = new ToolValidator();
    const value = { city: 'x' };
    expect(validator.validate(weather, value)).toEqual({ valid: true, value: { city: 'x' } });
    const filled = validator.validate(weather, value, { applyDefaults: true });
    expect(filled).toEqual({ valid: true, value: { city: 'x', unit: 'celsius' } });
    expect(value).toEqual({ city: 'x' });
  });
});

describe('the output of a tool', () => {
  const validator = new ToolValidator();
  const tool = { outputSchema: { type: 'object', required: ['n'] } };

  it('is checked unless it is an error or has no schema', () => {
    expect(validator.validateOutput(tool, { structuredContent: { n: 1 } }).valid).toBe(true);
    expect(validator.validateOutput(tool, { structuredContent: {} }).valid).toBe(false);
    expect(validator.validateOutput(tool, {}).valid).toBe(false);
    expect(validator.validateOutput(tool, { isError: true }).valid).toBe(true);
    expect(validator.validateOutput({}, {}).valid).toBe(true);
  });
});

describe('a hostile schema', () => {
  const validator = new ToolValidator();
  const reason = (schema: JsonObject, value: Json = {}) =>
    refused(validator.validate(schema, value)).refusal?.reason;
  const nested = (depth: number): JsonObject => {
    let schema: JsonObject = {};
    for (let i = 0; i < depth; i++) schema = { properties: { a: schema } };
    return schema;
  };

  it('is refused with the reason, never run', () => {
    const wide = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`p${i}`, {}]));
    expect(reason({ properties: wide })).toBe('too-large');
    expect(reason({ description: 'x'.repeat(3_000_000) })).toBe('too-large');
    expect(reason(nested(100_000))).toBe('too-deep');
    expect(reason({ $ref: 'https://example.com/schema.json' })).toBe('remote-reference');
    expect(reason({ $ref: 'file:///etc/passwd' })).toBe('remote-reference');
    expect(reason({ $ref: '#/$defs/none' })).toBe('broken-reference');
    expect(reason({ $ref: '#' })).toBe('endless-recursion');
    expect(reason({ anyOf: [{ allOf: [{ $ref: '#' }] }] })).toBe('endless-recursion');
    expect(reason({ pattern: '^(a+)+$' })).toBe('unsafe-pattern');
    expect(reason({ patternProperties: { '(x*)*y': {} } })).toBe('unsafe-pattern');
    expect(reason({ $schema: 'https://example.com/mine' })).toBe('unknown-dialect');
    expect(reason({ type: 'strnig' })).toBe('invalid-schema');
    expect(reason({ properties: 5 })).toBe('invalid-schema');
    const cycle: JsonObject = {};
    cycle['not'] = cycle;
    expect(reason(cycle)).toBe('too-deep');
  });

  it('as large as the limits allow is compiled, and checked', () => {
    const many = Object.fromEntries(
      Array.from({ length: 12_000 }, (_, i) => [`p${i}`, { type: 'string', maxLength: 9 }]),
    );
    expect(validator.validate({ properties: many }, { p7: 'x' }, { level: 'strict' }).valid).toBe(true);
    expect(validator.validate({ properties: many }, { p7: 7 }).valid).toBe(false);
    const $defs = Object.fromEntries(Array.from({ length: 1900 }, (_, i) => [`d${i}`, { minimum: i }]));
    const allOf = Object.keys($defs).map((name) => ({ $ref: `#/$defs/${name}` }));
    expect(validator.validate({ $defs, allOf }, 1899).valid).toBe(true);
    expect(validator.validate({ $defs, allOf }, 1000).valid).toBe(false);
    const one = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`d${i}`, {}]));
    const refs = Object.keys(one).map((name) => ({ $ref: `#/$defs/${name}` }));
    expect(reason({ $defs: one, allOf: refs })).toBe('too-large');
  });

  it('cannot run code by its names or texts', () => {
    const evil = "');globalThis.hacked=1;('";
    const schema = {
      properties: { [evil]: { const: evil }, '${globalThis.hacked=1}': { enum: ['`'] } },
      required: [evil, '\u2028'],
      dependentRequired: { [evil]: [evil] },
      $defs: { [evil]: { type: 'string' } },
      items: { $ref: `#/$defs/${encodeURIComponent(evil)}` },
    };
    for (const level of ['basic', 'standard', 'strict'] as const) {
      validator.validate(schema, { [evil]: 1 }, { level });
    }
    expect((globalThis as { hacked?: number }).hacked).toBeUndefined();
  });

  it('that doubles its work with every reference ends in bounded time', () => {
    const $defs: JsonObject = { d0: { minimum: 0 } };
    for (let i = 1; i <= 60; i++) {
      const previous = { $ref: `#/$defs/d${i - 1}` };
      $defs[`d${i}`] = { allOf: [previous, previous] };
    }
    const result = refused(validator.validate({ $defs, $ref: '#/$defs/d60' }, 1));
    expect(result.errors[0]).toMatchObject({ keyword: 'limit' });
  });

  it('with a large list and uniqueItems is checked in one pass', () => {
    const items = Array.from({ length: 100_000 }, (_, i) => ({ i }));
    expect(validator.validate({ uniqueItems: true }, items).valid).toBe(true);
    expect(validator.validate({ uniqueItems: true }, [...items, { i: 7 }]).valid).toBe(false);
  });

  it('that recurses as deep as its value is not followed past the stack', () => {
    let value: Json = {};
    for (let i = 0; i < 50_000; i++) value = { next: value };
    const result = refused(validator.validate({ properties: { next: { $ref: '#' } } }, value));
    expect(result.errors[0]?.message).toMatch(/nested less deeply/);
    expect(result.repair()).toBeUndefined();
  });

  it('with a quadratic pattern refuses the text that would take too long, and says where it is', () => {
    const schema = { properties: { note: { type: 'string', pattern: '\\s+$' } } };
    const result = refused(validator.validate(schema, { note: `${' '.repeat(200_000)}x` }));
    expect(result.errors[0]).toMatchObject({ path: '/note', keyword: 'pattern' });
  });
});

describe('the cache', () => {
  it('compiles equal schemas once, and lets the least recently used go', () => {
    const validator = new ToolValidator({ cacheSize: 2 });
    const schema = (n: number) => ({ type: 'object', minProperties: n });
    validator.validate(schema(1), {});
    validator.validate(schema(1), {});
    expect(validator.statistics).toMatchObject({ compilations: 1, cacheHits: 1 });
    validator.validate(schema(2), {});
    validator.validate(schema(1), {});
    validator.validate(schema(3), {});
    validator.validate(schema(1), {});
    expect(validator.statistics).toMatchObject({ compilations: 3, evictions: 1, cached: 2 });
    validator.validate(schema(2), {});
    expect(validator.statistics.compilations).toBe(4);
  });
});

describe('a repair', () => {
  const validator = new ToolValidator({ level: 'strict' });
  const repaired = (value: Json, schema = weather) => refused(validator.validate(schema, value)).repair();

  it('keeps what was meant and says where each value comes from', () => {
    const repair = repaired({ City: 'Oslo', days: '20', unit: 'Celcius', colour: 'red' });
    expect(repair?.value).toEqual({ city: 'Oslo', days: 14, unit: 'celsius' });
    expect(repair?.patch).toContainEqual({ op: 'remove', path: '/colour', basis: 'removed' });
    expect(repair?.patch).toContainEqual({ op: 'add', path: '/city', value: 'Oslo', basis: 'converted' });
  });

  it('says that a value is made up', () => {
    expect(repaired({})?.patch).toEqual([{ op: 'add', path: '/city', value: 'x', basis: 'invented' }]);
  });

  it('is not offered where the schema allows nothing', () => {
    expect(repaired(1, { type: 'string', minLength: 5, maxLength: 2 })).toBeUndefined();
  });

  it('exists for every schema that can be met, and makes the value valid', () => {
    fc.assert(
      fc.property(satisfiableSchema(2), roughValue(), (schema, value) => {
        for (const level of ['standard', 'strict'] as const) {
          const result = validator.validate(schema, value, { level });
          if (result.valid) continue;
          const repair = result.repair();
          if (repair === undefined) throw new Error(`No repair: ${result.message}`);
          const patched = applyPatch(value, repair.patch);
          expect(patched).toEqual(repair.value);
          expect(validator.validate(schema, patched, { level }).valid).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the verdict', () => {
  it('is that of ajv alone, for schemas without the parts that ajv gets wrong', () => {
    const validator = new ToolValidator();
    fc.assert(
      fc.property(satisfiableSchema(2), roughValue(), (schema, value) => {
        const plain = new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(schema);
        expect(validator.validate(schema, value).valid).toBe(plain(value));
      }),
      { numRuns: 50 },
    );
  });

  it('never gets milder from level to level', () => {
    const validator = new ToolValidator();
    fc.assert(
      fc.property(satisfiableSchema(2), roughValue(), (schema, value) => {
        const verdicts = (['off', 'basic', 'standard', 'strict', 'paranoid'] as const).map((level) =>
          Number(validator.validate(schema, value, { level }).valid),
        );
        expect(verdicts).toEqual([...verdicts].sort((a, b) => b - a));
      }),
      { numRuns: 50 },
    );
  });
});
