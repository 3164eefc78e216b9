import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusLimits, jsonLineSets } from './corpus.js';
import { csvSets } from './csv-sets.js';
import { parseGivenArguments } from './given-arguments.js';
import { prepareSets } from './prepare-sets.js';

const tool = {
  name: 'search',
  inputSchema: {
    type: 'object',
    properties: { query: { type: 'string' }, limit: { type: 'integer', maximum: 50 } },
    required: ['query'],
  },
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-corpus-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function prepared(content: string | Buffer, file = 'queries.jsonl') {
  writeFileSync(join(folder, file), content);
  const { byTool } = parseGivenArguments([`search=@${file}`], '--args', folder);
  return prepareSets(tool, byTool.get('search')!, { seed: 1, now: 0, saved: new Map(), what: '--args' });
}

describe('a corpus of JSON lines', () => {
  it('gives a set a line', async () => {
    const lines = '\uFEFF{"query":"a"}\r\n\n{"query":"b","limit":5}';
    expect(await prepared(lines)).toEqual([{ query: 'a' }, { query: 'b', limit: 5 }]);
    expect(await prepared('{"query":"a"}', 'UPPER.NDJSON')).toEqual([{ query: 'a' }]);
  });

  it.each([
    ['{"query":"a"}\n[1]', 'Expected queries.jsonl:2 to be a JSON object, got a list'],
    ['{"query":"a"}\n\nnull', 'Expected queries.jsonl:3 to be a JSON object, got null'],
    ['"a"', 'Expected queries.jsonl:1 to be a JSON object, got a string'],
    ['{"query":"a"}\n{"query":"b"', 'Expected queries.jsonl:2 to be a JSON object: '],
    ['{"query":"a"}\n{"limit":1}', 'Expected queries.jsonl:2 to fit the schema of search: query is missing'],
    ['{"query":"a","limit":51}', 'Expected queries.jsonl:1 to fit the schema of search: limit must be <= 50'],
    ['\n \n', 'Expected queries.jsonl to hold a JSON object on each line, got none'],
    [
      `{"query":"${'x'.repeat(corpusLimits.line)}"}`,
      'queries.jsonl:1 is 1,000,012 characters long (at most 1,000,000)',
    ],
  ])('says which line is wrong, and how', async (content, sentence) => {
    await expect(Promise.resolve().then(() => prepared(content))).rejects.toMatchObject({
      message: expect.stringContaining(sentence) as string,
      exitCode: 104,
    });
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 20 }),
        (sets) => {
          const written = sets.map((set) => JSON.parse(JSON.stringify(set)) as typeof set);
          expect(jsonLineSets(written.map((set) => JSON.stringify(set)).join('\n'), 'f')).toEqual(written);
        },
      ),
    );
  });
});

describe('a large corpus', () => {
  it('is read up to 100,000 sets, and refused beyond', () => {
    const lines = '{"query":"lamp"}\n'.repeat(corpusLimits.sets);
    expect(jsonLineSets(lines, 'f')).toHaveLength(corpusLimits.sets);
    expect(() => jsonLineSets(`${lines}{}`, 'f.jsonl')).toThrow(
      'f.jsonl has more than 100,000 sets of arguments',
    );
    const rows = `query\n${'lamp\n'.repeat(corpusLimits.sets)}`;
    expect(() => csvSets(`${rows}more`, 'f.csv')).toThrow('f.csv has more than 100,000 sets of arguments');
  });

  it('is refused unread where it is larger than 32 MB', async () => {
    await expect(
      Promise.resolve().then(() => prepared(Buffer.alloc(corpusLimits.bytes + 100_000, 0x20))),
    ).rejects.toThrow('queries.jsonl has 32.1 MB of arguments (at most 32 MB)');
  });
});

it('names the columns that a CSV file has, and the arguments that the tool requires', async () => {
  await expect(Promise.resolve().then(() => prepared('text,limit\nx,1\n', 'q.csv'))).rejects.toMatchObject({
    message: "q.csv has no column 'query', which search requires",
    hint: "It has 'text', 'limit'; search requires 'query'.",
  });
});
