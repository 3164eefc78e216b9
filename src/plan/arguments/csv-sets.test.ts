import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvSets } from './csv-sets.js';
import { parseGivenArguments } from './given-arguments.js';
import { prepareSets } from './prepare-sets.js';

const tool = {
  name: 'order',
  inputSchema: {
    type: 'object',
    properties: {
      item: { type: 'string' },
      count: { type: 'integer' },
      fast: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
    },
    required: ['item', 'count'],
  },
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-csv-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function prepared(csv: string) {
  writeFileSync(join(folder, 'orders.csv'), csv);
  const { byTool } = parseGivenArguments(['order=@orders.csv'], '--args', folder);
  return prepareSets(tool, byTool.get('order')!, { seed: 1, now: 0, saved: new Map(), what: '--args' });
}

describe('arguments from CSV', () => {
  it('become what the schema wants', async () => {
    const csv = 'item,count,fast,tags\r\n"a, ""b""",3,true,"[""x""]"\n007,0,,\n';
    expect(await prepared(csv)).toEqual([
      { item: 'a, "b"', count: 3, fast: true, tags: ['x'] },
      { item: '007', count: 0 },
    ]);
  });

  it.each([
    ['item\nx\n', /^orders.csv has no column 'count', which order requires$/],
    ['item,count\nx,1\nx,many\n', /Expected orders.csv:3 to fit the schema of order: count/],
    ['item,count\nx\n', /Expected 2 columns in orders.csv:2, as in its first line, got 1/],
    ['item,count\n"x\ny",1\nz,1,2\n', /orders.csv:4, as in its first line, got 3/],
    ['item,count\n"x,1\n', /orders.csv:2 has a quote that is not closed/],
    ['item,item\nx,1\n', /names the column 'item' twice/],
    ['item,\nx,1\n', /column without a name/],
    ['item,count\n', /a row of names and at least one row/],
    ['', /a row of names and at least one row/],
  ])('that do not fit are refused in one sentence: %j', async (csv, sentence) => {
    await expect(prepared(csv)).rejects.toThrow(sentence);
  });

  it('come back as they were written, whatever stands in the cells', () => {
    const cell = fc.string({ minLength: 1 }).filter((text) => !text.includes('\r'));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), (rows) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const csv = ['a,b', ...rows.map((row) => row.map(quote).join(','))].join('\n');
        expect(csvSets(csv, 'f')).toEqual(rows.map(([a, b]) => ({ a, b })));
      }),
    );
  });
});
