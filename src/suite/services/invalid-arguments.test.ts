import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { checkerFor } from '../../plan/arguments/index.js';
import { madeTools } from '../../reference/index.js';
import { invalidArguments } from '../../plan/data/index.js';
import { validationCases } from './validation-cases.js';

describe('invalid arguments', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['required', { required: ['a'], properties: { a: {} } }, { a: 1 }],
    ['type', { properties: { a: { type: 'integer' } } }, { a: 1 }],
    ['enum', { properties: { a: { enum: ['x', 'y'] } } }, { a: 'x' }],
    ['minimum', { properties: { a: { type: 'number', minimum: 0 } } }, { a: 1 }],
    ['maximum', { properties: { a: { type: 'number', maximum: 9 } } }, { a: 1 }],
    ['minLength', { properties: { a: { type: 'string', minLength: 1 } } }, { a: 'x' }],
    ['maxLength', { properties: { a: { type: 'string', maxLength: 9 } } }, { a: 'x' }],
    ['pattern', { properties: { a: { type: 'string', pattern: '^[a-z]+$' } } }, { a: 'x' }],
    ['additionalProperties', { properties: { a: {} }, additionalProperties: false }, { a: 1 }],
    ['minItems', { properties: { a: { type: 'array', minItems: 1 } } }, { a: [1] }],
    ['maxItems', { properties: { a: { type: 'array', maxItems: 1 } } }, { a: [1] }],
    ['uniqueItems', { properties: { a: { type: 'array', uniqueItems: true } } }, { a: [1] }],
    ['const', { properties: { a: { const: 4 } } }, { a: 4 }],
    ['type', { properties: { a: { items: { properties: { b: { type: 'object' } } } } } }, { a: [{ b: {} }] }],
  ])('are found that break %s', async (keyword, schema, valid) => {
    const checker = await checkerFor({ type: 'object', ...schema });
    const found = invalidArguments(valid, checker);
    expect(found.map((one) => one.keyword)).toContain(keyword);
    for (const { args } of found) expect(checker.errors(args).length).toBeGreaterThan(0);
  });

  it('break no format alone, which is advice', async () => {
    const checker = await checkerFor({ properties: { a: { format: 'email' } } });
    expect(invalidArguments({ a: 'x@example.com' }, checker)).toEqual([]);
  });

  it('are bounded for a large value', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `p${index}`);
    const schema = {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    };
    const valid = Object.fromEntries(names.map((name) => [name, 'x']));
    expect(invalidArguments(valid, await checkerFor(schema)).length).toBeLessThanOrEqual(40);
  });
});

describe('validation cases', () => {
  const tools = madeTools(20, 3).map(({ definition }) => ({ inputSchema: {}, ...definition }));

  it('take turns between right and wrong, and among tools', async () => {
    const { cases, notes } = await validationCases(tools, []);
    expect(notes).toEqual([]);
    expect(cases.slice(0, 6).map(({ valid }) => valid)).toEqual([true, false, true, false, true, false]);
    expect(new Set(cases.map(({ tool }) => tool.name)).size).toBe(20);
    for (const { tool, args, valid } of cases) {
      expect((await checkerFor(tool.inputSchema)).errors(args).length === 0).toBe(valid);
    }
  });

  it('use the arguments of the mix, and name tools for which nothing can be made', async () => {
    const given = { name: tools[0]!.name, arguments: {} };
    const impossible = {
      name: 'impossible',
      inputSchema: {
        type: 'object',
        properties: { a: { type: 'array', minItems: 1_000_000 } },
        required: ['a'],
      },
    };
    const operation = { name: 'x', method: 'tools/call', tool: tools[0]!.name, weight: 1, params: [given] };
    const { cases, notes } = await validationCases([impossible], [operation]);
    expect(notes.join()).toMatch(/impossible \(no valid arguments could be made\)/);
    expect(cases.every(({ valid }) => !valid)).toBe(true);
    expect(cases.length).toBeGreaterThan(0);
  });
});
