import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/index.js';
import { openFiles, serveHere, type RawAnswer } from './http-client.fixture.js';
import type { ReferenceKnobs } from './knobs/knobs.js';

let server: Awaited<ReturnType<typeof serveHere>>;
const serve = async (knobs: Partial<ReferenceKnobs> = {}) => (server = await serveHere(knobs));
afterEach(() => server.close());

const resultOf = ({ text }: RawAnswer) => (JSON.parse(text) as { result: JsonObject }).result;
const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

describe('the catalogue', () => {
  it('answers every reading tool with what its schema says', async () => {
    await serve();
    expect(resultOf(await server.call())['structuredContent']).toEqual({
      item_id: 'ITEM001',
      name: expect.any(String) as string,
      category: expect.any(String) as string,
      quantity: expect.any(Number) as number,
      unit_price: expect.any(Number) as number,
      warehouse_id: expect.any(String) as string,
    });
    const found = resultOf(await server.call('search_items', { query: 'steel', limit: 3 }));
    const items = JSON.parse((found['content'] as { text: string }[])[0]!.text) as { name: string }[];
    expect(items).toHaveLength(3);
    for (const { name } of items) expect(name).toContain('steel');
    expect(resultOf(await server.call('list_warehouses', {}))).toHaveProperty(
      'structuredContent.warehouses.length',
      5,
    );
    const level = { item_id: 'ITEM001', warehouse_id: 'BER' };
    expect(resultOf(await server.call('stock_level', level))).toMatchObject({ structuredContent: level });
  });

  it('writes when it is told to', async () => {
    await serve();
    const quantity = async () => resultOf(await server.call())['structuredContent'] as { quantity: number };
    const before = (await quantity()).quantity;
    await server.call('reserve_item', { item_id: 'ITEM001', quantity: 1 });
    expect((await quantity()).quantity).toBe(before - 1);
    const gone = { structuredContent: { deleted: true } };
    expect(resultOf(await server.call('delete_item', { item_id: 'ITEM001' }))).toMatchObject(gone);
    expect((await quantity()).quantity).toBe(0);
  });

  it('has hints, none, or false ones', async () => {
    const hintsOf = async (annotations: ReferenceKnobs['annotations']) => {
      await serve({ annotations });
      const { tools } = resultOf(await server.request('tools/list')) as unknown as {
        tools: { name: string; annotations?: { readOnlyHint: boolean; destructiveHint?: boolean } }[];
      };
      await server.close();
      return tools.find(({ name }) => name === 'delete_item')!.annotations;
    };
    expect(await hintsOf('honest')).toMatchObject({ readOnlyHint: false, destructiveHint: true });
    expect(await hintsOf('none')).toBeUndefined();
    expect(await hintsOf('lying')).toMatchObject({ readOnlyHint: true, destructiveHint: false });
  });

  it('is as large as asked for, in pages', async () => {
    await serve({ catalogue: 100, pageSize: 40 });
    let cursor: unknown;
    const pages: number[] = [];
    do {
      const result = resultOf(
        await server.request('tools/list', cursor === undefined ? {} : { cursor: String(cursor) }),
      );
      pages.push((result['tools'] as unknown[]).length);
      cursor = result['nextCursor'];
    } while (cursor !== undefined);
    // Seven of the inventory and the two that read and reset the counts.
    expect(pages).toEqual([40, 40, 29]);
  });

  it('has resources, templates, prompts and completions', async () => {
    await serve();
    const read = resultOf(await server.request('resources/read', { uri: 'inventory://items/ITEM007' }));
    expect(JSON.stringify(read)).toContain('ITEM007');
    const prompt = resultOf(
      await server.request('prompts/get', { name: 'restock_plan', arguments: { warehouse_id: 'OSA' } }),
    );
    expect(JSON.stringify(prompt)).toContain('OSA');
    const completed = await server.request('completion/complete', {
      ref: { type: 'ref/prompt', name: 'restock_plan' },
      argument: { name: 'warehouse_id', value: 'P' },
    });
    expect(resultOf(completed)).toEqual({ completion: { values: ['POA'], total: 1, hasMore: false } });
  });

  it('pads its answers', async () => {
    await serve({ answerBytes: 5000 });
    const [content] = resultOf(await server.call())['content'] as { text: string }[];
    expect(content!.text).toHaveLength(5000);
    expect(JSON.parse(content!.text)).toMatchObject({ item_id: 'ITEM001' });
  });
});

describe('service times', () => {
  it('are never short of the knob, and within 0.1 ms of it in the median when the machine is idle', async () => {
    await serve({ serviceTimeMs: 2.3 });
    // Other tests run at the same time: up to 30 rounds wait for a quiet moment of the machine. The median of a round
    // lies in the knob's own bin of 0.1 ms or the next, whose middles are 2.35 and 2.45.
    const medians: number[] = [];
    do {
      server.truth.reset();
      for (let i = 0; i < 15; i++) await server.call();
      const { service } = server.truth.publish();
      expect(service.count).toBe(15);
      expect(service.minMs).toBeGreaterThanOrEqual(2.3);
      medians.push(service.p50Ms);
    } while (medians.at(-1)! > 2.45 && medians.length < 30);
    expect(Math.min(...medians)).toBeLessThanOrEqual(2.45);
  });

  it('make exactly the share of slow calls', async () => {
    await serve({ slowShare: 0.1, slowTimeMs: 30 });
    for (let i = 0; i < 40; i++) await server.call();
    const { slow, service } = server.truth.publish();
    expect(slow).toBe(4);
    expect(service.bins.filter(([bin]) => bin >= 300).reduce((sum, [, count]) => sum + count, 0)).toBe(4);
  });

  it('are taken by no more calls at once than there are slots', async () => {
    await serve({ serviceTimeMs: 50, slots: 3 });
    await times(12, () => server.call());
    const { concurrency, residence } = server.truth.publish();
    const { inFlightMax, inServiceMax, waitingMax, inFlight, atArrival } = concurrency;
    expect([inServiceMax, inFlight]).toEqual([3, 0]);
    expect(inFlightMax).toBe(3 + waitingMax);
    expect(atArrival.at(-1)![0]).toBe(inFlightMax);
    expect(atArrival.reduce((sum, [, count]) => sum + count, 0)).toBe(12);
    expect(residence.maxMs).toBeGreaterThan(50);
  });

  it('are spent computing when asked to, one call after another', async () => {
    await serve({ serviceTimeMs: 10, spin: true });
    const before = process.cpuUsage();
    await times(10, () => server.call());
    // 100 ms by the clock; a busy machine gives this process only part of that. Waiting would take next to nothing.
    expect(process.cpuUsage(before).user / 1000).toBeGreaterThan(30);
    const { concurrency, service } = server.truth.publish();
    expect(concurrency.inFlightMax).toBe(1);
    expect(service).toMatchObject({ count: 10 });
    expect(service.minMs).toBeGreaterThanOrEqual(10);
  });

  it('include stalls, in which everything stands still', async () => {
    await serve({ stall: { forMs: 150, everyMs: 250 } });
    const started = performance.now();
    let longest = 0;
    while (performance.now() - started < 300) {
      const before = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      longest = Math.max(longest, performance.now() - before);
    }
    // This process is the server, so it is what stands still: from 250 to 400 ms.
    expect(longest).toBeGreaterThan(140);
    expect(server.truth.publish().stalls).toBeGreaterThanOrEqual(1);
  });

  it('of the slow report hold others up only when it is single-threaded', async () => {
    const fastDuringSlow = async (singleThreadedSlowTool: boolean) => {
      await serve({ slowReportMs: 150, singleThreadedSlowTool });
      const order: string[] = [];
      const slow = server.call('slow_report', {}).then(() => order.push('slow'));
      await new Promise((resolve) => setTimeout(resolve, 30));
      await server.call().then(() => order.push('fast'));
      await slow;
      await server.close();
      return order;
    };
    expect(await fastDuringSlow(false)).toEqual(['fast', 'slow']);
    expect(await fastDuringSlow(true)).toEqual(['slow', 'fast']);
  });
});

describe('bad outcomes', () => {
  const kindOf = ({ status, text }: RawAnswer) => {
    if (status !== 200) return String(status);
    if (text.includes('nobody-sent')) return 'wrong-id';
    if (text.includes('not JSON')) return 'garbage';
    if (text.includes('"error"')) return 'rpc';
    if (text.includes('"isError":true')) return 'tool';
    return text.includes('break the outputSchema') ? 'schema' : 'ok';
  };

  it.each(['json', 'sse', 'chunked'] as const)(
    'occur exactly as often as asked for, as %s',
    async (answer) => {
      const kinds = ['tool', 'rpc', 'schema', 'http', 'throttle', 'garbage', 'wrong-id', 'close'] as const;
      await serve({ answer, fail: new Map(kinds.map((kind) => [kind, 0.05])) });
      const seen: Record<string, number> = {};
      for (let i = 0; i < 100; i++) {
        const kind = await server.call().then(kindOf, () => 'close');
        seen[kind] = (seen[kind] ?? 0) + 1;
      }
      const expected = { tool: 5, rpc: 5, schema: 5, garbage: 5, 'wrong-id': 5, close: 5, ok: 60 };
      expect(seen).toEqual({ ...expected, 500: 5, 429: 5 });
      expect(server.truth.publish().outcomes).toEqual({ ...expected, http: 5, throttle: 5 });
    },
  );

  it('may be no answer at all', async () => {
    await serve({ fail: new Map([['hang', 0.5]]) });
    const outcomes = await times(4, () =>
      server.call('get_inventory', { item_id: 'A' }, AbortSignal.timeout(200)).then(
        () => 'ok',
        () => 'none',
      ),
    );
    expect(outcomes.sort()).toEqual(['none', 'none', 'ok', 'ok']);
    expect(server.truth.publish()).toMatchObject({
      answered: 2,
      outcomes: { ok: 2, hang: 2 },
      concurrency: { inFlight: 0 },
    });
  });

  it.each([
    ['check', true, false],
    ['strict', true, true],
    ['accept', false, false],
  ] as const)('of arguments depend on how they are checked: %s', async (policy, missing, tooLong) => {
    await serve({ arguments: policy });
    const isRefused = async (args: JsonObject) =>
      (await server.call('get_inventory', args)).text.includes('"isError":true');
    expect(await isRefused({})).toBe(missing);
    expect(await isRefused({ item_id: 'x'.repeat(101) })).toBe(tooLong);
    expect(await isRefused({ item_id: 'ITEM002' })).toBe(false);
  });

  it('end the server where that is asked for', async () => {
    const deaths: string[] = [];
    const { createReferenceServer } = await import('./reference-server.js');
    await serve();
    const { server: mcp } = await createReferenceServer({ arguments: 'crash' }, (why) => deaths.push(why));
    const { serveHttp } = await import('../protocol/index.js');
    const serving = await serveHttp(mcp, { session: 'stateless' });
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_inventory', arguments: {} },
    };
    const headers = { 'Content-Type': 'application/json' };
    await (await fetch(serving.url, { method: 'POST', headers, body: JSON.stringify(body) })).text();
    expect(deaths).toEqual([expect.stringContaining('cannot read the arguments of get_inventory')]);
    await serving.close();
  });
});

describe('cancelled calls', () => {
  // In the stateless era dropping the connection cancels.
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const dropAfter = async (ms: number) => {
    const params = { name: 'get_inventory', arguments: { item_id: 'A' }, _meta: meta };
    const headers = {
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'get_inventory',
    };
    const signal = AbortSignal.timeout(ms);
    await server.request('tools/call', params, { headers, signal }).catch(() => undefined);
  };
  const until = async (done: () => boolean) => {
    for (let i = 0; i < 400 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('free their slot', async () => {
    await serve({ serviceTimeMs: 5000, slots: 1 });
    await dropAfter(50);
    await until(() => server.truth.publish().cancelled === 1);
    expect(server.truth.publish()).toMatchObject({ cancelled: 1, answered: 0, concurrency: { inFlight: 0 } });
  });

  it('are worked on to their end where the server ignores that', async () => {
    await serve({ serviceTimeMs: 200, slots: 1, ignoreCancel: true });
    await dropAfter(50);
    await until(() => server.truth.publish().answered === 1);
    expect(server.truth.publish()).toMatchObject({ cancelled: 1, answered: 1 });
  });
});

describe('leaks', () => {
  it('keep what they are told to, per call', async () => {
    await serve({ keepBytes: 2000, churnBytes: 200_000, leakFds: true });
    const before = openFiles();
    for (let i = 0; i < 10; i++) await server.call();
    expect(server.truth.publish().kept).toEqual({ bytes: 20_000, fds: 10, sessionBytes: 0 });
    expect(openFiles() - before).toBeGreaterThanOrEqual(10);
  });

  const openAndEnd = async () => {
    const id = (await server.initialize()).headers.get('mcp-session-id')!;
    await fetch(server.serving.url!, { method: 'DELETE', headers: { 'Mcp-Session-Id': id } });
    return (await server.request('tools/list', {}, { headers: { 'Mcp-Session-Id': id } })).status;
  };

  it('let sessions survive DELETE only where told to', async () => {
    await serve({ sessions: true, leakBytesPerSession: 9000 });
    expect(await openAndEnd()).toBe(404);
    expect(server.truth.publish()).toMatchObject({
      sessions: { opened: 1, ended: 1, open: 0 },
      kept: { sessionBytes: 9000 },
    });
    await server.close();
    await serve({ sessions: true, leakSessions: true });
    expect(await openAndEnd()).toBe(200);
    expect(server.truth.publish().sessions).toEqual({ opened: 1, ended: 0, open: 1 });
  });

  it('are bounded by the session limit, exactly', async () => {
    await serve({ sessions: true, sessionLimit: 37, bytesPerSession: 1000 });
    const statuses = await times(45, async () => (await server.initialize()).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(37);
    expect(statuses.filter((status) => status === 503)).toHaveLength(8);
  });

  it('do not outlast the time to live', async () => {
    await serve({ sessions: true, sessionTtlMs: 50 });
    const id = (await server.initialize()).headers.get('mcp-session-id')!;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect((await server.request('tools/list', {}, { headers: { 'Mcp-Session-Id': id } })).status).toBe(404);
    expect(server.truth.publish().sessions).toEqual({ opened: 1, ended: 1, open: 0 });
  });
});

describe('the counts', () => {
  it('are readable in every way, and the same', async () => {
    await serve();
    await server.call();
    const overHttp = (await (await fetch(server.url('/dyno/stats'))).json()) as JsonObject;
    expect(overHttp).toMatchObject({
      server: 'reference',
      calls: 1,
      tools: { get_inventory: 1 },
      outcomes: { ok: 1 },
    });
    const same = { calls: 1, tools: { get_inventory: 1 } };
    expect(resultOf(await server.request('dyno/stats'))).toMatchObject(same);
    expect(resultOf(await server.call('dyno_stats', {}))['structuredContent']).toMatchObject(same);
    const read = resultOf(await server.request('resources/read', { uri: 'dyno://stats' }));
    expect(JSON.parse((read['contents'] as { text: string }[])[0]!.text)).toMatchObject(same);
  });

  it('start anew when reset', async () => {
    await serve();
    for (const reset of [
      () => fetch(server.url('/dyno/reset'), { method: 'POST' }),
      () => server.request('dyno/reset'),
      () => server.call('dyno_reset', {}),
    ]) {
      await server.call();
      await reset();
      expect(server.truth.publish()).toMatchObject({ calls: 0, tools: {} });
    }
  });
});
