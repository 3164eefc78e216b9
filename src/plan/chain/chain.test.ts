import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynoError, type Json, type JsonObject } from '../../core/index.js';
import type { CallAnswer } from '../mix/index.js';
import { optionTable } from '../options/index.js';
import { atPath, fillHoles, parseAnswerPath, planChain, readChain, type ChainRequest } from './index.js';

const object = (properties: JsonObject, required: string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const tools = [
  { name: 'search', inputSchema: object({ query: { type: 'string' } }) },
  { name: 'get', inputSchema: object({ id: { type: 'integer' }, note: { type: 'string' } }, ['id']) },
];

async function planned(steps: Json, more: Partial<ChainRequest> = {}) {
  const given = { kind: 'text', text: JSON.stringify(steps) } as const;
  return await planChain({
    steps: readChain(given, '--chain', '/'),
    what: '--chain',
    tools,
    deny: new Set(),
    seed: 1,
    now: 0,
    saved: new Map(),
    caller: undefined,
    ...more,
  });
}

async function fault(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    expect(error.exitCode).toBe(104);
    return `${error.message} | ${error.hint ?? ''}`;
  }
  throw new Error('Expected it to throw');
}

const good = [
  { tool: 'search', args: { query: 'a {{seq}}' }, save: { id: '$.items[0].id' } },
  { tool: 'get', args: { id: '{{id}}', note: 'was {{id}}, {{seq 5}}' } },
];

describe('a chain', () => {
  it('has a step for each operation; what is not known yet stays open', async () => {
    const { mix, turn } = await planned(good);
    expect(mix.operations.map(({ name, params }) => [name, params.length])).toEqual([
      ['tools/call search', 1000],
      ['tools/call get', 1000],
    ]);
    expect(mix.operations[0]!.params[2]).toEqual({ name: 'search', arguments: { query: 'a 3' } });
    expect(turn.steps[0]).toMatchObject({ save: [{ name: 'id' }] });
    expect(turn.steps[1]!.holes[1]).toEqual([
      { at: ['arguments', 'id'], parts: [{ name: 'id' }] },
      { at: ['arguments', 'note'], parts: [{ text: 'was ' }, { name: 'id' }, { text: ', 6' }] },
    ]);
  });

  it('prefers what a step saved to a template of the same name', async () => {
    const { turn, mix } = await planned([
      { tool: 'search', args: { query: 'x' }, save: { uuid: '$.id' } },
      { tool: 'get', args: { id: '{{uuid}}' } },
    ]);
    expect(turn.steps[1]!.holes).toEqual([[{ at: ['arguments', 'id'], parts: [{ name: 'uuid' }] }]]);
    expect(mix.operations[1]!.params).toHaveLength(1);
  });

  it('gives a tool that is called twice a row for each step', async () => {
    const step = { tool: 'search', args: { query: 'x' } };
    const { mix } = await planned([step, step]);
    expect(mix.operations.map(({ name }) => name)).toEqual([
      'tools/call search (step 1)',
      'tools/call search (step 2)',
    ]);
  });

  it.each<[Json, RegExp]>([
    [[], /array of at least one step/],
    [[3], /step 1 of --chain to be an object, got 3/],
    [[{ tool: 'search', arg: {} }], /'arg' in step 1 of --chain is no known key \| Did you mean 'args'/],
    [[{ args: {} }], /'tool' of step 1 of --chain to be the name of a tool/],
    [[{ tool: 'serch', args: {} }], /no tool 'serch' \(step 1 of --chain\) \| Did you mean 'search'/],
    [
      [{ tool: 'search', args: { query: 'x' }, save: { id: 'items.id' } }],
      /path into the answer, got 'items.id'/,
    ],
    [[{ tool: 'search', args: { query: 'x' }, save: { id: '$.a[x]' } }], /nothing can be made of '\[x\]'/],
    [[{ tool: 'search', args: { query: 'x' }, save: { 'a b': '$.a' } }], /words such as item_id, got 'a b'/],
    [
      [{ tool: 'search', args: { query: 'x' }, save: { a: 3 } }],
      /'a' in 'save' of step 1 .* a path .* got 3/,
    ],
    [
      [
        { tool: 'get', args: { id: '{{id}}' } },
        { tool: 'search', args: { query: 'x' }, save: { id: '$.id' } },
      ],
      /step 1 of --chain uses '{{id}}' before it is saved: step 2 saves it/,
    ],
    [
      [{ tool: 'search', args: { query: '{{me}}' }, save: { me: '$.id' } }],
      /uses '{{me}}' before it is saved: that very step/,
    ],
    [
      [
        { tool: 'search', args: { query: 'x' }, save: { item: '$.id' } },
        { tool: 'get', args: { id: '{{itm}}' } },
      ],
      /step 2 of --chain uses '{{itm}}', which no step saves \| Did you mean 'item'/,
    ],
    [
      [{ tool: 'search', args: {} }],
      /'args' of step 1 of --chain to fit the schema of search: query is missing/,
    ],
    [[{ tool: 'search', args: { query: 'x', q: 1 } }], /q is no known argument/],
    [[{ tool: 'search', args: { query: 5 } }], /query must be string/],
  ])('is refused in a sentence: %j', async (steps, sentence) => {
    expect(await fault(() => planned(steps))).toMatch(sentence);
  });

  it('refuses a tool that is denied', async () => {
    const sentence = await fault(() => planned(good, { deny: new Set(['get']) }));
    expect(sentence).toMatch(/step 2 of --chain calls get, which is denied/);
  });

  it('says which file cannot be read, or holds no JSON', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dyno-chain-'));
    try {
      writeFileSync(join(folder, 'cut.json'), '[{ "tool": "search"');
      const read = (file: string) => () => readChain({ kind: 'text', text: `@${file}` }, '--chain', folder);
      expect(await fault(read('none.json'))).toMatch(/Cannot read the chain 'none.json' of --chain/);
      expect(await fault(read('cut.json'))).toMatch(/cut.json/);
      expect(await fault(() => optionTable.chain.type.parse('chain.json', '--chain'))).toMatch(
        /--chain to be @FILE or a JSON array/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const answer = (result: JsonObject): CallAnswer => ({
    ok: true,
    isError: false,
    structured: result['structuredContent'],
    texts: [],
    result,
    ms: 1,
  });

  it('is gone through once, with what its own answers hold', async () => {
    const log: [string, JsonObject][] = [];
    const caller = {
      call: (tool: string, args: JsonObject) => {
        log.push([tool, args]);
        return Promise.resolve(answer({ content: [], structuredContent: { items: [{ id: 4 }] } }));
      },
    };
    const { mix } = await planned(good, { caller });
    expect(log).toEqual([
      ['search', { query: 'a 1' }],
      ['get', { id: 4, note: 'was 4, 5' }],
    ]);
    expect(mix.warnings).toEqual([]);
  });

  it('tells what the answer has where it lacks the field', async () => {
    const caller = { call: () => Promise.resolve(answer({ structuredContent: { item: 1, ab: 2 } })) };
    expect((await planned(good, { caller })).mix.warnings).toEqual([
      "The chain ended at step 1 (tools/call search) when it was tried: the answer has nothing at '$.items[0].id' to save as 'id'; it has: item, ab",
    ]);
  });
});

describe('a path into an answer', () => {
  const result: JsonObject = {
    content: [
      { type: 'image', data: '' },
      { type: 'text', text: 'no JSON' },
      { type: 'text', text: '{"user":{"a.b":[7,null]},"length":1}' },
    ],
  };
  it.each<[string, JsonObject, Json | undefined]>([
    ['$.user["a.b"][0]', result, 7],
    ['json.user["a.b"].1', result, null],
    ['$', { structuredContent: { a: 1 }, content: [] }, { a: 1 }],
    ['$.a', { structuredContent: { b: 1 }, content: [{ type: 'text', text: '{"a":2}' }] }, undefined],
    ['content[1].text', result, 'no JSON'],
    ['structuredContent.a', result, undefined],
    ['$.user["a.b"].length', result, undefined],
    ['$.constructor', result, undefined],
    ['$.__proto__.x', result, undefined],
    ['$.a', { content: 'hostile' }, undefined],
    ['$.a', {}, undefined],
  ])('%s', (path, from, value) => {
    expect(atPath(from, parseAnswerPath(path, 'it'))).toEqual(value);
  });

  it('reads back any names that are quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }), (names) => {
        const path = parseAnswerPath(`$${names.map((name) => `[${JSON.stringify(name)}]`).join('')}`, 'it');
        expect(path.steps).toEqual(names);
        const value = names.reduceRight<Json>((inner, name) => ({ [name]: inner }), 'here');
        if (typeof value === 'object') expect(atPath({ structuredContent: value }, path)).toEqual('here');
      }),
    );
  });
});

it('fills holes without touching what is prepared', () => {
  const params = { arguments: { list: [{ id: '{{a}}' }, 'x'], other: {} } };
  const before = JSON.stringify(params);
  const at = ['arguments', 'list', 0, 'id'];
  const filled = fillHoles(params, [{ at, parts: [{ name: 'a' }] }], new Map([['a', [1, '"']]]));
  expect(filled).toEqual({ arguments: { list: [{ id: [1, '"'] }, 'x'], other: {} } });
  expect(JSON.stringify(params)).toBe(before);
});
