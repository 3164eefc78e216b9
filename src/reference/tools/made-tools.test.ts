import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { madeTools } from './made-tools.js';

describe('made tools', () => {
  it('are as many as asked for, with names of their own and schemas that compile', () => {
    const ajv = new Ajv2020({
      strict: false,
      formats: { uuid: true, email: true, date: true, 'date-time': true },
    });
    const tools = madeTools(1200, 1).map(({ definition }) => definition);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(1200);
    for (const { name, inputSchema, annotations } of tools) {
      expect(name).toMatch(/^[a-z0-9_]{1,64}$/);
      expect(ajv.validateSchema(inputSchema!)).toBe(true);
      expect(annotations).toHaveProperty(
        'readOnlyHint',
        !/^(create|update|archive|delete|assign|approve)_/.test(name),
      );
    }
  });

  it('are the same for a seed, and their beginning does not depend on their number', () => {
    const listed = (count: number, seed: number) => JSON.stringify(madeTools(count, seed));
    expect(listed(50, 3)).toBe(listed(50, 3));
    expect(JSON.stringify(madeTools(100, 3).slice(0, 50))).toBe(listed(50, 3));
    expect(listed(50, 3)).not.toBe(listed(50, 4));
  });

  it('are of the size that real ones have', () => {
    const bytes = JSON.stringify(madeTools(200, 1).map(({ definition }) => definition)).length / 200;
    expect(bytes).toBeGreaterThan(400);
    expect(bytes).toBeLessThan(1200);
  });
});
