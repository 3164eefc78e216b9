import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Host, InvalidArguments, InvalidResult, type HostServers } from '../../src/host/index.js';
import { McpServer } from '../../src/protocol/index.js';

const fixture = fileURLToPath(new URL('../fixtures/servers/v1-stateful.mjs', import.meta.url));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function opened(options: HostServers): Promise<Host> {
  const host = await Host.open({ monitoring: { process: false }, ...options });
  ends.push(() => host.close());
  return host;
}

function shop(name = 'shop'): McpServer {
  const server = new McpServer({ name, version: '1.0.0' });
  server.tool(
    {
      name: 'get_stock',
      description: 'The stock level of an item in the warehouse',
      annotations: { readOnlyHint: true },
      inputSchema: {
        type: 'object',
        properties: { item: { type: 'string' }, limit: { type: 'integer', maximum: 10 } },
        required: ['item'],
      },
      outputSchema: { type: 'object', properties: { level: { type: 'integer' } }, required: ['level'] },
    },
    ({ item }) => ({ content: [], structuredContent: { level: item === 'broken' ? 'many' : 7, from: name } }),
  );
  server.tool(
    {
      name: 'delete_order',
      description: 'Deletes an order',
      inputSchema: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
    },
    ({ order }) => `deleted ${String(order)}`,
  );
  return server;
}

describe('a host over an mcp.json', () => {
  function configured(servers: object): string {
    const folder = mkdtempSync(join(tmpdir(), 'dyno-host-'));
    ends.push(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, 'mcp.json');
    writeFileSync(file, JSON.stringify({ mcpServers: servers }));
    return file;
  }

  it('searches and calls real servers, whatever a broken one among them does', async () => {
    const file = configured({
      fixture: { command: process.execPath, args: [fixture, '--stdio'] },
      broken: { command: '/no/such/program' },
      wrong: { type: 'pigeon', url: 'http://127.0.0.1:1/' },
      off: { command: '/no/such/program', disabled: true },
    });
    const host = await Host.fromConfig(file, { monitoring: { process: false } });
    ends.push(() => host.close());
    const { servers, faults } = host.status();
    expect(servers.map(({ name, state }) => [name, state])).toEqual([
      ['fixture', 'connected'],
      ['broken', 'waiting'],
    ]);
    expect(faults).toMatchObject([{ name: 'wrong', error: expect.stringContaining('pigeon') }]);
    const [hit] = await host.search('adds two numbers');
    const { result, server } = await host.call(hit!, { a: 2, b: 40 }, { timeout: '5s' });
    expect([server, result.structuredContent]).toEqual(['fixture', { sum: 42 }]);
    expect(host.discovery.get('fixture/add')!.usage.calls).toBe(1);
    const [metric] = host.monitoring.metrics.getMetricsByName('mcp.client.operation.duration');
    expect(metric!.labels).toMatchObject({ 'gen_ai.tool.name': 'add', 'dyno.server': 'fixture' });
    const { pid } = servers[0]!;
    await host.close();
    expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/);
  });

  it('names what is wrong with the file or with what is wanted of it', async () => {
    await expect(Host.fromConfig('/no/such/mcp.json')).rejects.toMatchObject({ exitCode: 104 });
    await expect(Host.fromConfig(configured({}))).rejects.toThrow(/names no server/);
    const one = configured({ one: { command: 'x' } });
    await expect(Host.fromConfig(one, { servers: ['two'] })).rejects.toThrow(
      /no server "two".*there is "one"/,
    );
    await expect(Host.fromConfig(configured({ one: { type: 'pigeon' } }))).rejects.toThrow(/pigeon/);
  });
});

describe('a call of a host', () => {
  it('is validated before and after', async () => {
    const host = await opened({ servers: { shop: { kind: 'in-process', server: shop() } } });
    const wrong: unknown = await host.call('shop/get_stock', { limit: 99 }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(InvalidArguments);
    expect((wrong as InvalidArguments).errors.map(({ path }) => path)).toEqual(['/item', '/limit']);
    expect((wrong as InvalidArguments).repair()?.patch).toContainEqual(
      expect.objectContaining({ path: '/limit', value: 10 }),
    );
    const broken: unknown = await host
      .call('shop/get_stock', { item: 'broken' })
      .catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(InvalidResult);
    expect((broken as InvalidResult).result.structuredContent).toMatchObject({ level: 'many' });
    expect((await host.call('shop/get_stock', { item: 'bolt' })).result.structuredContent).toMatchObject({
      level: 7,
    });
    await expect(host.call('shop/nothing')).rejects.toThrow(/no tool "shop\/nothing"/);
    await expect(host.call('shop/get_stock', { item: 'x' }, { timeout: 'soon' })).rejects.toThrow(
      /`timeout`/,
    );
  });

  it('goes to one of the replicas, whose tools are in the catalogue once', async () => {
    const host = await opened({
      servers: Object.fromEntries(
        ['a', 'b', 'c'].map((name) => [name, { kind: 'in-process' as const, server: shop(name) }]),
      ),
      replicas: { shop: ['a', 'b', 'c'] },
    });
    expect([...host.discovery.tools()].map(({ id }) => id).sort()).toEqual([
      'shop/delete_order',
      'shop/get_stock',
    ]);
    const answers = new Set<string>();
    for (let i = 0; i < 40; i++) answers.add((await host.call('shop/get_stock', { item: 'x' })).server);
    expect([...answers].sort()).toEqual(['a', 'b', 'c']);
    // What the registry says of a server counts at once.
    const draining = host.registry.discoverServices({ type: 'mcp_server' }).find(({ name }) => name === 'b')!;
    await host.registry.updateStatus(draining.id, 'draining');
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 40; i++)
      expect((await host.call('shop/get_stock', { item: 'x' })).server).not.toBe('b');
    // And what happens to a server is in the registry.
    await host.client.disconnectServer('c');
    const { decisions } = host.route(await host.search('stock level of an item'), { strategy: 'latency' });
    expect(decisions[0]).toMatchObject({ tool: { id: 'shop/get_stock' } });
  });

  it('refuses replicas that are no servers', async () => {
    const servers = { a: { kind: 'in-process' as const, server: shop() } };
    await expect(Host.open({ servers, replicas: { shop: ['a', 'b'] } })).rejects.toThrow(
      /"b".*no such server/,
    );
    await expect(Host.open({ servers, replicas: { x: ['a'], y: ['a'] } })).rejects.toThrow(
      /both "x" and "y"/,
    );
  });
});

describe('running what a user asks for', () => {
  it('finds the tool, fills in the arguments, and calls it', async () => {
    const host = await opened({ servers: { shop: { kind: 'in-process', server: shop() } } });
    const run = await host.run({ query: 'stock level of an item', entities: { item: 'bolt' } });
    expect(run.tool.id).toBe('shop/get_stock');
    expect(run.arguments).toEqual({ item: 'bolt' });
    expect(run.result.structuredContent).toMatchObject({ level: 7 });
    expect(run.binding.confidence).toBeGreaterThan(0);
  });

  it('does not change things unless that is allowed', async () => {
    const host = await opened({ servers: { shop: { kind: 'in-process', server: shop() } } });
    const request = {
      query: 'delete an order',
      entities: { order: '7' },
      strategy: 'exact',
      intent: 'delete_order',
    } as const;
    await expect(host.run(request)).rejects.toMatchObject({ code: 'not-read-only' });
    const { result } = await host.run({ ...request, writes: true });
    expect(result.content[0]!.text).toBe('deleted 7');
  });

  it('says what is missing, or that nothing fits', async () => {
    const host = await opened({ servers: { shop: { kind: 'in-process', server: shop() } } });
    await expect(host.run({ query: 'get_stock', strategy: 'exact' })).rejects.toMatchObject({
      code: 'missing-arguments',
      message: /\/item/,
    });
    await expect(host.run({ query: 'zzz qqq' })).rejects.toMatchObject({ code: 'no-tool' });
  });
});

describe('importing mcp-dyno/host', () => {
  it('loads no load, suite or report code, and neither NATS nor OpenTelemetry', () => {
    const dist = new URL('../../dist/', import.meta.url).href;
    // Every module that is loaded goes through the hook, whatever imports it and how.
    const hook = `
      import { writeSync } from 'node:fs';
      export async function load(url, context, next) { writeSync(1, url + '\\n'); return next(url, context); }`;
    const script = `
      import { register } from 'node:module';
      register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hook))});
      await import('${dist}host/index.js');`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    const urls = stdout.split('\n').filter(Boolean);
    const folders = new Set(
      urls.filter((url) => url.startsWith(dist)).map((url) => url.slice(dist.length).split('/')[0]),
    );
    // Targets know by `measure` which processes are theirs to end.
    expect([...folders].sort()).toEqual(['core', 'host', 'measure', 'protocol', 'target']);
    expect(urls.filter((url) => /node_modules\/(@nats-io|@opentelemetry)\//.test(url))).toEqual([]);
  });
});
