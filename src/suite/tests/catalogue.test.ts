import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { WireError, type McpConnection } from '../../protocol/index.js';
import { madeTools } from '../../reference/index.js';
import { readListing } from '../listing/read-listing.js';
import { toolFaults } from '../listing/tool-faults.js';
import { catalogue } from './catalogue.js';
import { outcomeOf, referenceBench } from './test-context.fixture.js';

const bounds = { pages: 5, tools: 100, bytes: 100_000 };
const { signal } = new AbortController();

/** A connection that answers `tools/list` by a function of how often it was asked. */
function listing(page: (asked: number) => JsonObject): McpConnection {
  let asked = 0;
  return { request: () => Promise.resolve(page(asked++)) } as unknown as McpConnection;
}

describe('reading a list', () => {
  it('goes through all pages', async () => {
    const three = (asked: number) => ({
      tools: [{ name: `t${asked}` }],
      ...(asked < 2 ? { nextCursor: `${asked}` } : {}),
    });
    const { entries, pages, bytes, endless } = await readListing(listing(three), bounds, signal);
    expect([entries.map(({ name }) => name), pages, endless]).toEqual([['t0', 't1', 't2'], 3, undefined]);
    expect(bytes).toBe(
      '{"tools":[{"name":"t0"}],"nextCursor":"0"}'.length * 2 + '{"tools":[{"name":"t2"}]}'.length,
    );
  });

  it.each<[string, (asked: number) => JsonObject, RegExp]>([
    ['pages without end', (n) => ({ tools: [], nextCursor: `c${n}` }), /more than 5 pages/],
    [
      'a cursor that comes again',
      () => ({ tools: [], nextCursor: 'c\u001b[31m' }),
      /the cursor 'c' came twice/,
    ],
    ['too many tools', (n) => ({ tools: Array(60).fill({}), nextCursor: `${n}` }), /more than 100 tools/],
    [
      'too many bytes',
      (n) => ({ tools: ['x'.repeat(60_000)], nextCursor: `${n}` }),
      /more than 100000 bytes/,
    ],
    ['no list', () => ({ tools: 'none' }), /page 1 has no 'tools'/],
  ])('ends at %s', async (_what, page, words) => {
    expect((await readListing(listing(page), bounds, signal)).endless).toMatch(words);
  });
});

describe('the faults of a tool', () => {
  const good = {
    name: 'get_item',
    description: 'Gets an item.',
    inputSchema: { type: 'object', properties: { id: { type: 'string', description: 'Its id' } } },
    annotations: { readOnlyHint: true },
  };

  it('are none where there are none', async () => {
    expect(await toolFaults(good, true)).toEqual({ faults: [], advice: [] });
  });

  it.each<[string, object, RegExp]>([
    ['a schema of another type', { inputSchema: { type: 'string' } }, /no type 'object'/],
    [
      'a schema that cannot be used',
      { inputSchema: { type: 'object', properties: 5 } },
      /^inputSchema: its schema/,
    ],
    [
      'a reference to the network',
      { inputSchema: { type: 'object', $ref: 'http://x/y' } },
      /refers to the network/,
    ],
    ['an output schema that is none', { outputSchema: 'x' }, /outputSchema is no object/],
  ])('%s is a fault', async (_what, part, words) => {
    const { faults } = await toolFaults({ ...good, ...part }, true);
    expect(faults.join('; ')).toMatch(words);
  });

  it.each<[string, object, RegExp]>([
    ['no description', { description: ' ' }, /no description/],
    ['a description that is no text', { description: 5 }, /no description/],
    ['a name of odd characters', { name: 'get item' }, /characters that the specification advises against/],
    ['a long name', { name: 'x'.repeat(70) }, /longer than 64/],
    ['no hint', { annotations: undefined }, /no readOnlyHint/],
    [
      'a required argument that is not described',
      { inputSchema: { type: 'object', required: ['q\u001b[2J'] } },
      /requires 'q'/,
    ],
    [
      'arguments without description',
      { inputSchema: { type: 'object', properties: { a: {} } } },
      /1 of 1 arguments/,
    ],
    [
      'a foreign pattern',
      { inputSchema: { type: 'object', properties: { a: { pattern: '(?i)x', description: '' } } } },
      /no regular expression/,
    ],
  ])('%s is worth a word', async (_what, part, words) => {
    const { faults, advice } = await toolFaults({ ...good, ...part } as typeof good, false);
    expect([faults, advice.join('; ')]).toEqual([[], expect.stringMatching(words)]);
  });
});

describe('catalogue', () => {
  it('lists all pages again and again', async () => {
    const bench = await referenceBench({ catalogue: 20, pageSize: 10 });
    const { status, metrics, operations, notes } = await outcomeOf(catalogue, bench);
    expect(status).toBeUndefined();
    const pages = Math.ceil(bench.tools.length / 10);
    expect(metrics!['catalogue.pages']!.value).toBe(pages);
    expect(metrics!['catalogue.tools']!.value).toBe(bench.tools.length);
    expect(metrics!['calls.ok']!.value).toBe(pages * 6);
    expect(metrics!['catalogue.faults']!.value).toBe(0);
    expect(metrics!['list_time.mean']!.value).toBeGreaterThan(0);
    expect(Object.keys(operations!)).toEqual(['tools/list']);
    expect(notes![0]).toMatch(new RegExp(`^${bench.tools.length} tools on ${pages} pages, .* tokens\\.$`));
  });

  it('fails a list beyond its bounds, and gives what it has', async () => {
    const bench = await referenceBench({ catalogue: 20, pageSize: 5 });
    const { status, reason, metrics } = await outcomeOf(catalogue, { ...bench, parameters: { maxPages: 2 } });
    expect([status, reason]).toEqual(['fail', 'the list of tools cannot be read: it has more than 2 pages']);
    expect(metrics!['catalogue.tools']!.value).toBe(10);
  });

  it('fails what a host cannot use, by name', async () => {
    const { server } = await referenceBench();
    const [made] = madeTools(1, 1);
    server.tool(
      { ...made!.definition, name: 'broken', inputSchema: { type: 'object', properties: 5 as never } },
      made!.body as never,
    );
    const { status, reason, details } = await outcomeOf(catalogue, { server });
    expect([status, reason]).toEqual([
      'fail',
      expect.stringMatching(/^1 tools cannot be used rightly: broken \(inputSchema: /),
    ]);
    expect(details!['faults']).toHaveLength(1);
  });

  it('fails where the list is refused, with the words of the server', async () => {
    const refuse = () => Promise.reject(new WireError('no list today', { outcome: 'rpc' }));
    const connection = { capabilities: { tools: {} }, request: refuse, close: () => Promise.resolve() };
    const bench = { connect: () => Promise.resolve(connection), tools: [] };
    const outcome = await catalogue.run({
      bench,
      number: () => 5,
      stop: signal,
    } as never);
    expect(outcome).toEqual({ status: 'fail', reason: 'the list of tools cannot be read: no list today' });
  });
});
