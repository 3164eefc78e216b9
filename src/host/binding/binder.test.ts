import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { FakeClock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import type { CallToolResult, Tool } from '../../protocol/types.js';
import { ToolDiscovery } from '../discovery/discovery.js';
import { aTool } from '../discovery/source.fixture.js';
import { adapterSource } from '../discovery/sources/adapter-source.js';
import { ToolValidator } from '../validation/index.js';
import { ToolBinder } from './binder.js';
import type { ToolCaller } from './types.js';

const weather: Tool = {
  name: 'get_weather',
  description: 'The weather forecast of a city',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
    required: ['city'],
  },
  annotations: { readOnlyHint: true },
};

async function made(tools: Record<string, Tool[]>, call?: ToolCaller) {
  const clock = new FakeClock();
  const discovery = new ToolDiscovery({ clock });
  for (const [server, list] of Object.entries(tools))
    await discovery.addSource(adapterSource(server, list, { tags: [`${server}-tag`] }));
  const calls: { id: string; args: JsonObject; agentId: string | undefined }[] = [];
  const answer: ToolCaller =
    call ??
    (({ tool, arguments: args, agentId }) => {
      calls.push({ id: tool.id, args, agentId });
      return Promise.resolve({ content: [{ type: 'text', text: 'fine' }] } as CallToolResult);
    });
  return { clock, discovery, calls, binder: new ToolBinder({ discovery, call: answer, clock }) };
}

const ids = (bindings: { tool: { id: string } }[]) => bindings.map(({ tool }) => tool.id);

describe('ToolBinder', () => {
  it('chooses a tool, fills it in and calls it', async () => {
    const { binder, calls, discovery } = await made({ w: [weather, aTool('send_mail', 'Sends mail')] });
    const [best] = await binder.bindTools({
      agentId: 'agent-7',
      query: 'what will the weather be in Oslo for the next 3 days',
      entities: { city: 'Oslo', days: '3' },
    });
    expect(best).toMatchObject({
      server: 'w',
      arguments: { city: 'Oslo', days: 3 },
      missing: [],
      unused: [],
      ready: true,
    });
    expect(best!.confidence).toBeGreaterThan(0.8);
    expect(best!.reasons.map(({ what }) => what)).toEqual(['match', 'arguments', 'entities', 'reliability']);
    await best!.call();
    expect(calls).toEqual([{ id: 'w/get_weather', args: { city: 'Oslo', days: 3 }, agentId: 'agent-7' }]);
    expect(discovery.get('w/get_weather')?.usage).toMatchObject({ calls: 1, failures: 0 });
  });

  it('really uses the query: another query, another tool', async () => {
    const { binder } = await made({ w: [weather, aTool('send_mail', 'Sends a message to a person')] });
    expect(ids(await binder.bindTools({ query: 'weather forecast', maxTools: 1 }))).toEqual([
      'w/get_weather',
    ]);
    expect(ids(await binder.bindTools({ query: 'mail a person', maxTools: 1 }))).toEqual(['w/send_mail']);
    expect(await binder.bindTools({ query: '' })).toEqual([]);
    expect(await binder.bindTools({ query: 'zzzzzz' })).toEqual([]);
  });

  it('does not call with what is missing, says what, and takes it with the call', async () => {
    const { binder, calls } = await made({ w: [weather] });
    const [best] = await binder.bindTools({ query: 'weather' });
    expect(best).toMatchObject({ missing: ['/city'], ready: false, arguments: {} });
    await expect(best!.call()).rejects.toThrow(/arguments for get_weather of w are not what it takes.*city/);
    await expect(best!.call({ arguments: { city: 5 } })).rejects.toThrow(/city/);
    expect(calls).toEqual([]);
    await best!.call({ arguments: { city: 'Oslo' } });
    expect(calls[0]?.args).toEqual({ city: 'Oslo' });
  });

  it('leaves out what the schema forbids', async () => {
    const { binder } = await made({ w: [weather] });
    const [best] = await binder.bindTools({ query: 'weather', entities: { city: 'Oslo', days: 99 } });
    expect(best).toMatchObject({ arguments: { city: 'Oslo' }, unused: ['days'] });
  });

  it('asks the full validator where reading the schema cannot tell', async () => {
    const strict = aTool('lookup', 'Looks a thing up', {
      inputSchema: {
        type: 'object',
        properties: { code: { type: 'string', pattern: '^[A-Z]{3}$' }, note: { type: 'string' } },
        required: ['code'],
      },
    });
    const hostile = aTool('hostile', 'Looks a thing up too', {
      inputSchema: {
        type: 'object',
        properties: { code: { type: 'string', pattern: '^(a+)+$' } },
        required: ['code'],
      },
    });
    const { binder } = await made({ w: [strict, hostile] });
    const bind = async (code: string) =>
      Object.fromEntries(
        (await binder.bindTools({ query: 'look up a thing', entities: { code } })).map((one) => [
          one.tool.name,
          one,
        ]),
      );
    expect((await bind('ABC'))['lookup']).toMatchObject({ arguments: { code: 'ABC' }, ready: true });
    expect((await bind('nope'))['lookup']).toMatchObject({ arguments: {}, missing: ['/code'], ready: false });
    const refused = (await bind('a'.repeat(40) + 'b'))['hostile'];
    expect(refused).toMatchObject({ arguments: {}, ready: false });
    expect(refused?.refusal).toMatch(/exponential/);
  });

  it('binds by exact name, and by nearly exact name', async () => {
    const { binder } = await made({ w: [weather, aTool('get_weather_map')], v: [aTool('get_weather')] });
    const bind = async (strategy: 'exact' | 'fuzzy', query: string, intent?: string) =>
      ids(await binder.bindTools({ strategy, query, intent }));
    expect(await bind('exact', 'get_weather')).toEqual(['v/get_weather', 'w/get_weather']);
    expect(await bind('exact', 'please tell me', 'w/get_weather')).toEqual(['w/get_weather']);
    expect(await bind('exact', 'get_wether')).toEqual([]);
    expect((await bind('fuzzy', 'get_wether')).slice(0, 2).sort()).toEqual([
      'v/get_weather',
      'w/get_weather',
    ]);
    expect(await bind('fuzzy', 'nothing like it at all')).toEqual([]);
  });

  it('binds within a category: a tag, or a server, or what the intent names', async () => {
    const { binder } = await made({
      mail: [aTool('send', 'Sends a report'), aTool('list', 'Lists mails')],
      files: [aTool('write', 'Writes a report')],
    });
    const bind = async (more: object) =>
      ids(await binder.bindTools({ query: 'send a report', strategy: 'category', ...more }));
    expect((await bind({ context: { category: 'mail' } }))[0]).toBe('mail/send');
    expect(await bind({ context: { category: 'mail-tag' } })).toEqual(['mail/send', 'mail/list']);
    expect(await bind({ context: { category: ['files'] } })).toEqual(['files/write']);
    expect(await bind({ intent: 'files' })).toEqual(['files/write']);
    expect(await bind({ context: { category: 'none' } })).toEqual([]);
  });

  it('binds by measured success and latency', async () => {
    const same = () => [aTool('get_weather', 'The weather of a city')];
    const { binder, discovery } = await made({ slow: same(), good: same(), failing: same() });
    for (let i = 0; i < 20; i++) {
      discovery.recordCall('slow/get_weather', { ok: true, latencyMs: 900 });
      discovery.recordCall('good/get_weather', { ok: true, latencyMs: 10 });
      discovery.recordCall('failing/get_weather', { ok: i % 4 === 0, latencyMs: 10 });
    }
    const bindings = await binder.bindTools({ query: 'weather of a city', strategy: 'performance' });
    expect(ids(bindings)).toEqual(['good/get_weather', 'slow/get_weather', 'failing/get_weather']);
    expect(bindings[0]!.reasons[3]!.detail).toBe('95 % of 20 calls succeeded, 10.0 ms each');
  });

  it('counts failed calls, and not those that were cancelled', async () => {
    let fail: 'isError' | 'throws' = 'isError';
    const { binder, discovery } = await made({ w: [weather] }, ({ signal }) => {
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      if (fail === 'throws') return Promise.reject(new Error('gone'));
      return Promise.resolve({ content: [], isError: true });
    });
    const [best] = await binder.bindTools({ query: 'weather', entities: { city: 'Oslo' } });
    expect(await best!.call()).toMatchObject({ isError: true });
    fail = 'throws';
    await expect(best!.call()).rejects.toThrow('gone');
    await expect(best!.call({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    expect(discovery.get('w/get_weather')?.usage).toMatchObject({ calls: 2, failures: 2 });
  });

  it.each([
    [{ query: 5 }, /`query`/],
    [{ query: 'x', intent: {} }, /`intent`/],
    [{ query: 'x', strategy: 'semantik' }, /one of exact, fuzzy, semantic.*got 'semantik'/],
    [{ query: 'x', maxTools: 0 }, /`maxTools`.*from 1 to 100/],
    [{ query: 'x', entities: [] }, /`entities`/],
    [{ query: 'x', context: 'y' }, /`context`/],
  ])('says what is wrong with %j', async (request, message) => {
    const { binder } = await made({ w: [weather] });
    await expect(binder.bindTools(request as never)).rejects.toThrow(message);
  });

  it('survives queries and entities of 100 kB', async () => {
    const { binder } = await made({ w: [weather] });
    const [best] = await binder.bindTools({
      query: `weather ${'lorem '.repeat(17_000)}`,
      entities: {
        city: 'x'.repeat(100_000),
        ...Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`e${i}`, i])),
      },
    });
    expect(best?.tool.name).toBe('get_weather');
  });

  it('fills real tools only with what a full validator with formats allows', async () => {
    const folder = new URL('../../../bench/host/data/', import.meta.url);
    const discovery = new ToolDiscovery({ clock: new FakeClock() });
    for (const name of readdirSync(new URL('catalogues/', folder))) {
      const { server, tools } = JSON.parse(readFileSync(new URL(`catalogues/${name}`, folder), 'utf8')) as {
        server: string;
        tools: Tool[];
      };
      await discovery.addSource(adapterSource(server, tools));
    }
    const cases = JSON.parse(readFileSync(new URL('binding-cases.json', folder), 'utf8')) as {
      query: string;
      entities: JsonObject;
      context?: JsonObject;
    }[];
    const binder = new ToolBinder({ discovery, call: () => Promise.resolve({ content: [] }) });
    const validator = new ToolValidator({ level: 'standard' });
    let filled = 0;
    for (const [i, { query, entities, context }] of cases.entries()) {
      if (i % 2 === 1) continue;
      // Entities of another case as well: what does not belong must not be squeezed in.
      const others = cases[(i + 7) % cases.length]!.entities;
      const bindings = await binder.bindTools({
        query,
        entities: { ...others, ...entities },
        context,
        maxTools: 3,
      });
      for (const binding of bindings) {
        if (binding.filled.length === 0) continue;
        filled++;
        const result = validator.validateInput(binding.tool.tool, binding.arguments);
        const wrong = result.valid ? [] : result.errors.filter(({ keyword }) => keyword !== 'required');
        expect(wrong.map(({ message }) => `${binding.tool.id}: ${message}`)).toEqual([]);
        if (binding.ready) expect(result.valid).toBe(true);
      }
    }
    expect(filled).toBeGreaterThan(100);
  });
});
