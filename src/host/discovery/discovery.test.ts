import { describe, expect, it } from 'vitest';

import { FakeClock } from '../../core/clock.js';
import { seededRandom } from '../../core/random.js';
import type { Tool } from '../../protocol/types.js';
import { ToolDiscovery } from './discovery.js';
import { aTool, ScriptedSource } from './source.fixture.js';
import { adapterSource } from './sources/adapter-source.js';

function made(options = {}) {
  const clock = new FakeClock();
  return { clock, discovery: new ToolDiscovery({ clock, random: seededRandom(1), ...options }) };
}

const ids = (discovery: ToolDiscovery) => [...discovery.tools()].map(({ id }) => id).sort();

describe('ToolDiscovery', () => {
  it('lists, finds and filters tools of several sources', async () => {
    const { discovery } = made();
    await discovery.addSource(
      adapterSource('stock', [aTool('get_level', 'How many of an item are in stock')]),
    );
    await discovery.addSource(
      adapterSource('mail', [aTool('send', 'Sends a message', { annotations: { readOnlyHint: true } })], {
        tags: ['Office'],
      }),
    );
    expect(ids(discovery)).toEqual(['mail/send', 'stock/get_level']);
    const [hit] = await discovery.searchTools('stock level of an item');
    expect(hit?.record).toMatchObject({
      id: 'stock/get_level',
      server: 'stock',
      stale: false,
      readOnly: false,
    });
    expect([...discovery.tools({ tags: ['office'] })].map(({ id }) => id)).toEqual(['mail/send']);
    expect([...discovery.tools({ readOnly: false, server: 'mail' })]).toEqual([]);
  });

  it('keeps identity, and what calls have shown, over rediscovery', async () => {
    const { discovery } = made();
    const source = new ScriptedSource('a', [aTool('x')]);
    await discovery.addSource(source);
    const record = discovery.get('a/x')!;
    discovery.recordCall('a/x', { ok: true, latencyMs: 10 });
    discovery.recordCall('a/x', { ok: false, latencyMs: 20 });
    source.tools = [aTool('x', 'has another description')];
    await discovery.refresh();
    expect(discovery.get('a/x')).toBe(record);
    expect(record.tool.description).toBe('has another description');
    expect(record.usage).toMatchObject({ calls: 2, failures: 1, successRate: 0.5, latencyMs: 12 });
    expect(discovery.search('another')[0]?.record).toBe(record);
    expect(discovery.search('does')).toEqual([]);
  });

  it('tells what a list added, changed and removed, and nothing when nothing did', async () => {
    const { discovery } = made();
    const changes: unknown[] = [];
    discovery.onChange((change) => changes.push(change));
    const source = new ScriptedSource('a', [aTool('x'), aTool('y')]);
    await discovery.addSource(source);
    await discovery.refresh();
    source.tools = [aTool('y', 'new'), aTool('z')];
    await discovery.refresh();
    discovery.removeSource('a');
    expect(changes).toEqual([
      { source: 'a', added: ['a/x', 'a/y'], changed: [], removed: [] },
      { source: 'a', added: ['a/z'], changed: ['a/y'], removed: ['a/x'] },
      { source: 'a', added: [], changed: [], removed: ['a/y', 'a/z'] },
    ]);
    expect(discovery.indexSize()).toEqual({ tools: 0, terms: 0, postings: 0 });
  });

  it('survives a listener that throws', async () => {
    const { discovery } = made();
    discovery.onChange(() => {
      throw new Error('listener');
    });
    expect(await discovery.addSource(new ScriptedSource('a', [aTool('x')]))).toMatchObject({
      state: 'fresh',
    });
  });

  it.each(['throws', 'hangs', 'garbage'] as const)(
    'keeps the last good list of a source that %s',
    async (how) => {
      const { clock, discovery } = made({ deadlineMs: 1_000 });
      const source = new ScriptedSource('a', [aTool('x')]);
      await discovery.addSource(source);
      source.behaviour = how;
      const refreshed = discovery.refresh('a');
      await clock.advance(1_000);
      const [status] = await refreshed;
      expect(status).toMatchObject({ state: 'stale', tools: 1, failures: 1 });
      expect(status!.error).toMatch(/connection refused|within 1000 ms|no list of tools/);
      expect(discovery.get('a/x')?.stale).toBe(true);
      expect(discovery.search('x')[0]?.record.stale).toBe(true);
      source.behaviour = 'good';
      await discovery.refresh();
      expect(discovery.get('a/x')?.stale).toBe(false);
      if (how !== 'throws') expect(source.aborted).toBeGreaterThan(0);
    },
  );

  it('does not let a slow source hold up the others', async () => {
    const { clock, discovery } = made({ deadlineMs: 5_000 });
    const slow = new ScriptedSource('slow');
    slow.behaviour = 'hangs';
    const added = discovery.addSource(slow);
    await discovery.addSource(new ScriptedSource('quick', [aTool('x')]));
    expect(ids(discovery)).toEqual(['quick/x']);
    await clock.advance(5_000);
    expect(await added).toMatchObject({ state: 'failed', tools: 0 });
  });

  it('asks a failing source again with growing pauses', async () => {
    const { clock, discovery } = made();
    const source = new ScriptedSource('a');
    source.behaviour = 'throws';
    await discovery.addSource(source);
    await clock.advance(10_000);
    const early = source.lists;
    expect(early).toBeGreaterThanOrEqual(4);
    expect(early).toBeLessThanOrEqual(6);
    await clock.advance(600_000);
    expect(source.lists - early).toBeLessThan(25);
    source.behaviour = 'good';
    source.tools = [aTool('x')];
    await clock.advance(60_000);
    expect(ids(discovery)).toEqual(['a/x']);
  });

  it('follows ttlMs, never faster than once a second', async () => {
    const { clock, discovery } = made();
    const source = new ScriptedSource('a');
    source.ttlMs = 0;
    await discovery.addSource(source);
    await clock.advance(10_000);
    expect(source.lists).toBe(11);
    source.ttlMs = 5_000;
    await clock.advance(1_000);
    const before = source.lists;
    await clock.advance(10_000);
    expect(source.lists - before).toBe(2);
  });

  it('asks again after a change notice, once for a burst of them', async () => {
    const { clock, discovery } = made();
    const source = new ScriptedSource('a', [aTool('x')]);
    await discovery.addSource(source);
    source.tools = [aTool('y')];
    for (let i = 0; i < 1_000; i++) source.tellChanged();
    await clock.advance(1_000);
    expect(source.lists).toBe(2);
    expect(ids(discovery)).toEqual(['a/y']);
  });

  it('asks once more when the change comes while a list is under way', async () => {
    const { clock, discovery } = made({ deadlineMs: 10_000 });
    const source = new ScriptedSource('a', [aTool('x')]);
    const first = discovery.addSource(source);
    source.tools = [aTool('y')];
    source.tellChanged();
    await first;
    await clock.advance(1_000);
    expect(source.lists).toBe(2);
    expect(ids(discovery)).toEqual(['a/y']);
  });

  it('takes pages, and gives up on a list that pages for ever', async () => {
    const { discovery } = made({ limits: { maxPages: 50, maxTools: 1_000 } });
    async function* pages(count: number): AsyncGenerator<Tool[]> {
      for (let page = 0; page < count; page++) yield await Promise.resolve([aTool(`t${page}`)]);
    }
    await discovery.addSource({ id: 'paged', list: () => pages(50) });
    expect(discovery.size).toBe(50);
    const status = await discovery.addSource({ id: 'endless', list: () => pages(Infinity) });
    expect(status).toMatchObject({ state: 'failed', error: 'The list has more than 50 pages' });
    async function* empty(): AsyncGenerator<Tool[]> {
      for (;;) yield await Promise.resolve([]);
    }
    expect(await discovery.addSource({ id: 'empty', list: empty })).toMatchObject({ state: 'failed' });
    const many = adapterSource(
      'many',
      Array.from({ length: 1_001 }, (_, i) => aTool(`t${i}`)),
    );
    expect(await discovery.addSource(many)).toMatchObject({ error: 'The list has more than 1000 tools' });
  });

  it('gives up on pages that stop coming', async () => {
    const { clock, discovery } = made({ deadlineMs: 2_000 });
    let returned = false;
    const source = {
      id: 'a',
      list: (): AsyncIterable<Tool[]> => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<IteratorResult<Tool[]>>(() => undefined),
          return: () => {
            returned = true;
            return Promise.resolve({ done: true as const, value: undefined });
          },
        }),
      }),
    };
    const added = discovery.addSource(source);
    await clock.advance(2_000);
    expect(await added).toMatchObject({ state: 'failed' });
    expect(returned).toBe(false); // It never answered `next`, so there is no moment to return to.
  });

  it('takes 10,000 tools in at once, and others get their turn meanwhile', async () => {
    const { discovery } = made();
    let turns = 0;
    const tick = setInterval(() => turns++, 1);
    const tools = Array.from({ length: 10_000 }, (_, i) => aTool(`tool_${i}`, `Handles case ${i} of many`));
    await discovery.addSource(adapterSource('big', tools));
    clearInterval(tick);
    expect(discovery.size).toBe(10_000);
    expect(discovery.search('case 4711')[0]?.record.name).toBe('tool_4711');
    expect(turns).toBeGreaterThan(3);
  });

  it('refuses entries that are no tools, with their reasons, and keeps the others', async () => {
    const { discovery } = made();
    const cyclic: Record<string, unknown> = { type: 'object' };
    cyclic['self'] = cyclic;
    const entries: unknown[] = [
      null,
      'text',
      {},
      { name: '', inputSchema: {} },
      { name: 'n'.repeat(513), inputSchema: {} },
      { name: 'no schema' },
      { name: 'bad description', description: 5, inputSchema: {} },
      aTool('good'),
      aTool('good', 'again'),
      aTool('huge', 'x'.repeat(300_000)),
      { name: 'cyclic', inputSchema: cyclic },
      { name: 'function', inputSchema: { default: () => 1 } },
    ];
    const status = await discovery.addSource({ id: 'a', list: () => Promise.resolve(entries as Tool[]) });
    expect(ids(discovery)).toEqual(['a/good']);
    expect(status.rejectedCount).toBe(11);
    expect(status.rejected.map(({ reason }) => reason)).toEqual([
      'is no object',
      'is no object',
      'has no name',
      'has an empty name',
      'has a name of 513 characters, over 512',
      'has no object as inputSchema',
      'has a description that is no text',
      'is listed twice; the first one counts',
      'is larger than 262144 characters',
      'is nested deeper than 64',
      'holds a function that JSON cannot hold',
    ]);
    const garbage = await discovery.addSource({
      id: 'b',
      list: () => Promise.resolve([1, 2] as unknown as Tool[]),
    });
    expect(garbage.error).toBe('None of the 2 entries is a usable tool; the first, (no name), is no object');
  });

  it('keeps hostile names apart, finds them exactly, and shows them harmless', async () => {
    const { discovery } = made();
    const names = [
      '../../etc/passwd',
      '<script>alert(1)</script>',
      'n'.repeat(300),
      'delete_file',
      'dеlete_file', // with a Cyrillic е
      '\u001b[2Jcleared\u202e',
      '__proto__',
      'constructor',
      '搜索',
      'a/b',
      '%2F',
    ];
    await discovery.addSource(
      adapterSource(
        'a',
        names.map((name) => aTool(name)),
      ),
    );
    await discovery.addSource(adapterSource('a/b', [aTool('c')]));
    await discovery.addSource(adapterSource('__proto__', [aTool('x')]));
    expect(discovery.size).toBe(names.length + 2);
    for (const name of names) expect(discovery.find('a', name)?.name).toBe(name);
    expect(discovery.find('a/b', 'c')).toBeDefined();
    expect(discovery.find('a', 'b/c')).toBeUndefined();
    expect(discovery.find('a', 'dеlete_file')?.warnings).toEqual([
      'The name mixes Latin letters with look-alikes of another script',
    ]);
    expect(discovery.find('a', '../../etc/passwd')?.warnings).toEqual(['The name looks like a path']);
    expect(discovery.find('a', '\u001b[2Jcleared\u202e')?.label).toBe('cleared of a');
    expect(discovery.find('a', 'delete_file')?.warnings).toEqual([]);
  });

  it('is not touched by later changes of an adapter to its own objects', async () => {
    const { discovery } = made();
    const own = aTool('x', 'about apples');
    const source = adapterSource('a', () => [own]);
    await discovery.addSource(source);
    own.description = 'about pears';
    expect(discovery.get('a/x')?.tool.description).toBe('about apples');
    await discovery.refresh();
    expect(discovery.search('pears')).toHaveLength(1);
  });

  it('takes in no list of a source that was removed meanwhile', async () => {
    const { discovery } = made();
    const source = new ScriptedSource('a', [aTool('x')]);
    const added = discovery.addSource(source);
    expect(discovery.removeSource('a')).toBe(true);
    await added;
    expect(discovery.size).toBe(0);
    expect(source.listeners.size).toBe(0);
    expect(discovery.removeSource('a')).toBe(false);
  });

  it('says what is wrong with a call to it', async () => {
    const { discovery } = made();
    await discovery.addSource(new ScriptedSource('a'));
    await expect(discovery.addSource(new ScriptedSource('a'))).rejects.toThrow(
      "named 'a' is already followed",
    );
    await expect(discovery.refresh('b')).rejects.toThrow("There is no tool source named 'b'");
    expect(() => discovery.search('x', { limit: 0 })).toThrow(
      '`limit` of a search to be a whole number from 1',
    );
    expect(() => new ToolDiscovery({ deadlineMs: Number.NaN })).toThrow('`deadlineMs`');
    discovery.close();
    await expect(discovery.addSource(new ScriptedSource('c'))).rejects.toThrow('closed');
  });

  it('after 1,000 rounds over changing sources has no duplicate, no leak, and the index of a fresh build', async () => {
    const { clock, discovery } = made({ deadlineMs: 500 });
    const random = seededRandom('rounds');
    const names = Array.from({ length: 30 }, (_, i) => `tool_${i}`);
    const things = 'invoice file branch mail card page pod table event issue'.split(' ');
    const sources = Array.from({ length: 6 }, (_, i) => new ScriptedSource(`s${i}`));
    for (const source of sources) {
      source.ttlMs = 1_000;
      await discovery.addSource(source);
    }
    const lastGood = new Map<string, Tool[]>();
    let entriesMost = 0;
    for (let round = 0; round < 1_000; round++) {
      for (const source of sources) {
        const chance = random.next();
        source.behaviour =
          chance < 0.05 ? 'throws' : chance < 0.08 ? 'hangs' : chance < 0.1 ? 'garbage' : 'good';
        if (random.next() < 0.5) {
          source.tools = names
            .filter(() => random.next() < 0.6)
            .map((name) => aTool(name, `Handles the ${random.pick(things)} of a ${random.pick(things)}`));
        }
        if (random.next() < 0.1) source.tellChanged();
      }
      await clock.advance(1_000);
      entriesMost = Math.max(entriesMost, discovery.size);
    }
    for (const source of sources) source.behaviour = 'good';
    await clock.advance(120_000);
    for (const source of sources) lastGood.set(source.id, source.tools);

    const { discovery: fresh } = made();
    for (const [id, tools] of lastGood) await fresh.addSource(adapterSource(id, tools));
    expect(ids(discovery)).toEqual(ids(fresh));
    expect(new Set(ids(discovery)).size).toBe(discovery.size);
    expect(discovery.indexSize()).toEqual(fresh.indexSize());
    for (const query of [...things, 'tool 7', 'handles the branch of a card']) {
      const seen = (one: ToolDiscovery) =>
        one.search(query, { limit: 30 }).map(({ record, score }) => [record.id, score]);
      expect(seen(discovery)).toEqual(seen(fresh));
    }
    expect(entriesMost).toBeLessThanOrEqual(6 * 30);
    expect(sources.every(({ lists }) => lists > 800)).toBe(true);
    for (const { listeners } of sources) expect(listeners.size).toBe(1);
    expect(clock.pending).toBe(6);
    discovery.close();
    expect(clock.pending).toBe(0);
    for (const { listeners } of sources) expect(listeners.size).toBe(0);
  });
});
