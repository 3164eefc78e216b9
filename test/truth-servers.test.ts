import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import {
  availableTruthServers,
  startTruthServer,
  truthServerCommand,
  type TruthServer,
} from './fixtures/truth-servers.js';

const { kinds, missing } = availableTruthServers();
const call = (id: number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'get_inventory', arguments: { item_id: 'ITEM001' } },
});

for (const sentence of missing) it.skip(`the truth server ${sentence}`);

describe.each(kinds)('the truth server %s', (kind) => {
  let server: TruthServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  const start = async (...args: string[]) => (server = await startTruthServer(kind, args));

  const post = async (message: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(server!.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(message),
    });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };

  it.each(kind === 'reference' ? ['json'] : ['sse', 'chunked'])(
    'shows every bad outcome as often as told, as %s',
    async (answer) => {
      const names = ['tool', 'rpc', 'schema', 'http', 'throttle', 'garbage', 'wrong-id', 'close'];
      await start('--no-sessions', '--answer', answer, '--fail', names.map((name) => `${name}=5%`).join(','));
      const seen: Record<string, number> = {};
      for (let id = 0; id < 60; id++) {
        const kindOfAnswer = await post(call(id)).then(
          ({ status, text }) => {
            if (status !== 200) return String(status);
            if (text.includes('nobody-sent')) return 'wrong-id';
            if (text.includes('not JSON')) return 'garbage';
            if (text.includes('"error"')) return 'rpc';
            if (text.includes('isError')) return 'tool';
            return /"item_id": ?1}|break the outputSchema/.test(text) ? 'schema' : 'ok';
          },
          () => 'close',
        );
        seen[kindOfAnswer] = (seen[kindOfAnswer] ?? 0) + 1;
      }
      const expected = { tool: 3, rpc: 3, schema: 3, garbage: 3, 'wrong-id': 3, close: 3, ok: 36 };
      expect(seen).toEqual({ ...expected, 500: 3, 429: 3 });
      const { outcomes, calls } = await server!.stats();
      expect(calls).toBe(60);
      expect(outcomes).toMatchObject({ ...expected, http: 3, throttle: 3 });
    },
  );

  it('counts its times, its slots and its slow calls', async () => {
    await start(
      '--no-sessions',
      '--service-time',
      '20ms',
      '--slots',
      '2',
      '--slow-share',
      '10%',
      '--slow-time',
      '60ms',
    );
    await Promise.all(Array.from({ length: 10 }, (_, id) => post(call(id))));
    const { service, residence, slow, concurrency, tools } = await server!.stats();
    expect([service.count, slow, concurrency.inServiceMax]).toEqual([10, 1, 2]);
    expect(tools).toMatchObject({ get_inventory: 10 });
    // A call makes up for the lateness of the one before it in its slot, up to 1 ms.
    expect(service.minMs).toBeGreaterThanOrEqual(19);
    expect(service.maxMs).toBeGreaterThanOrEqual(59);
    expect(service.bins.reduce((sum, [, count]) => sum + count, 0)).toBe(10);
    // Nine of 20 ms and one of 60 over two slots: 120 ms at least.
    expect(residence.maxMs).toBeGreaterThanOrEqual(100);
    await server!.reset();
    expect(await server!.stats()).toMatchObject({ calls: 0, service: { count: 0 } });
  });

  it('stands still when told to', async () => {
    await start('--no-sessions', '--stall', '0.2s/0.3s');
    const begun = performance.now();
    let longest = 0;
    for (let id = 0; performance.now() - begun < 700; id++) {
      const sent = performance.now();
      await post(call(id));
      longest = Math.max(longest, performance.now() - sent);
    }
    expect(longest).toBeGreaterThan(150);
    expect((await server!.stats()).stalls).toBeGreaterThanOrEqual(1);
  });

  it('opens a session, and knows the stateless era', async () => {
    await start();
    const opened = await post({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    });
    expect(JSON.parse(opened.text)).toMatchObject({ id: 1, result: { protocolVersion: '2025-06-18' } });
    const session = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id')! };
    const noted = await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
    expect(noted.status).toBe(202);
    const listed = await post({ jsonrpc: '2.0', id: 2, method: 'tools/list' }, session);
    expect(listed.text).toMatch(/"name": ?"get_inventory"/);
    const ended = await fetch(server!.url, { method: 'DELETE', headers: session });
    expect(ended.status).toBe(200);
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'server/discover' };
    const found = await post(
      { jsonrpc: '2.0', id: 3, method: 'server/discover', params: { _meta } },
      headers,
    );
    const { result } = JSON.parse(found.text) as { result: { supportedVersions: string[] } };
    expect(result.supportedVersions).toContain('2026-07-28');
    expect((await server!.stats()).sessions).toMatchObject({ opened: 1, ended: 1 });
  });

  it('speaks stdio, with the same counts', async () => {
    const { command, args } = truthServerCommand(kind, [
      '--stdio',
      '--service-time',
      '5ms',
      '--fail',
      'tool=20%',
    ]);
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () =>
      JSON.parse((await lines.next()).value as string) as { id: unknown; result: unknown };
    for (let id = 0; id < 10; id++) child.stdin.write(`${JSON.stringify(call(id))}\n`);
    const answers = [];
    for (let i = 0; i < 10; i++) answers.push(await next());
    expect(answers.filter((answer) => JSON.stringify(answer).includes('isError'))).toHaveLength(2);
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 's', method: 'dyno/stats' })}\n`);
    expect((await next()).result).toMatchObject({ calls: 10, outcomes: { ok: 8, tool: 2 } });
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    expect(await closed).toBe(0);
  });

  it('refuses wrong options with 104', () => {
    for (const options of [
      ['--fail', 'nonsense=1%'],
      ['--stdio', '--fail', 'http=1%'],
    ]) {
      const { command, args } = truthServerCommand(kind, options);
      const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
      expect(status).toBe(104);
      expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
    }
  });
});
