import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/index.js';
import { serveHere, type RawAnswer } from './http-client.fixture.js';
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
    const seen = () => longest >= 140 && server.truth.publish().stalls >= 1;
    let longest = 0;
    // A stall that begins late ends when it was to end, so on a busy machine not every one is whole.
    while (!seen() && performance.now() - started < 20_000) {
      const before = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      longest = Math.max(longest, performance.now() - before);
    }
    // This process is the server, so it is what stands still.
    expect(longest).toBeGreaterThanOrEqual(140);
    expect(server.truth.publish().stalls).toBeGreaterThanOrEqual(1);
  });

  it('of the slow report hold others up only when it is single-threaded', async () => {
    const fastDuringSlow = async (singleThreadedSlowTool: boolean, slowReportMs: number) => {
      await serve({ slowReportMs, singleThreadedSlowTool });
      const order: string[] = [];
      const slow = server.call('slow_report', {}).then(() => order.push('slow'));
      await expect.poll(() => server.truth.publish().concurrency.inFlightMax).toBe(1);
      await server.call().then(() => order.push('fast'));
      await slow;
      await server.close();
      return order;
    };
    expect(await fastDuringSlow(false, 2000)).toEqual(['fast', 'slow']);
    expect(await fastDuringSlow(true, 150)).toEqual(['slow', 'fast']);
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
