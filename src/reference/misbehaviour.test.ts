import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/index.js';
import { openSinks, serveHere, type RawAnswer } from './http-client.fixture.js';
import type { ReferenceKnobs } from './knobs/knobs.js';

let server: Awaited<ReturnType<typeof serveHere>>;
const serve = async (knobs: Partial<ReferenceKnobs> = {}) => (server = await serveHere(knobs));
afterEach(() => server.close());

const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

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
      server.call('get_inventory', { item_id: 'A' }, AbortSignal.timeout(1500)).then(
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
    ['check', true, true],
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

  it('may be answered never, where they break the schema', async () => {
    await serve({ arguments: 'hang' });
    const gone = AbortSignal.timeout(300);
    await expect(server.call('get_inventory', {}, gone)).rejects.toThrow(/abort|timeout/i);
    expect((await server.call()).text).toContain('ITEM001');
  });

  it('are refused where the request is too large', async () => {
    await serve({ maxRequestBytes: 1000 });
    expect((await server.call('search_items', { query: 'x'.repeat(1000) })).status).toBe(413);
    expect((await server.call('search_items', { query: 'x'.repeat(100) })).status).toBe(200);
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

describe('limits', () => {
  it('throttle exactly the calls beyond them', async () => {
    await serve({ serviceTimeMs: 2000, maxInFlight: 4 });
    const statuses = await times(10, async () => (await server.call()).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
    expect(statuses.filter((status) => status === 429)).toHaveLength(6);
    expect(server.truth.publish().outcomes).toEqual({ ok: 4, throttle: 6 });
  });

  it('close connections beyond them', async () => {
    await serve({ serviceTimeMs: 2000, connectionLimit: 3 });
    const outcomes = await times(8, () =>
      server.call().then(
        () => 'ok',
        () => 'closed',
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(3);
    expect(server.truth.publish().connections).toMatchObject({ total: 3, max: 3 });
  });

  it('close connections that are not used', async () => {
    await serve({ idleTimeoutMs: 50 });
    await server.call();
    for (let i = 0; i < 400 && server.truth.publish().connections.open > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(server.truth.publish().connections.open).toBe(0);
  });
});

describe('conditions that change with time', () => {
  it('make calls slower and slower', async () => {
    await serve({ serviceTimeMs: 1, drift: { byMs: 10, perMs: 100 } });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.call();
    // 1 ms and 10 ms for each 100 ms since the start.
    expect(server.truth.publish().service.minMs).toBeGreaterThanOrEqual(21);
  });
});

describe('other ways in', () => {
  it('are legacy HTTP+SSE and resumable streams', async () => {
    await serve({ sessions: true, ssePath: '/sse', eventStore: 100, answer: 'sse' });
    const abort = new AbortController();
    const stream = await fetch(server.serving.sseUrl!, { signal: abort.signal });
    const { value } = await stream.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toContain('event: endpoint');
    abort.abort();
    const opened = await server.initialize();
    const headers = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id')! };
    const called = await server.request('tools/call', { name: 'list_warehouses' }, { headers });
    expect(called.text).toMatch(/^id: \d+$/m);
  });
});

describe('cancelled calls', () => {
  // In the stateless era dropping the connection cancels.
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  /** Calls, and drops the connection when the server is at work on it. */
  const dropInService = async () => {
    const params = { name: 'get_inventory', arguments: { item_id: 'A' }, _meta: meta };
    const headers = {
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'get_inventory',
    };
    const controller = new AbortController();
    const called = server.request('tools/call', params, { headers, signal: controller.signal });
    called.catch(() => undefined);
    await expect.poll(() => server.truth.publish().concurrency.inFlight).toBe(1);
    controller.abort();
    await expect(called).rejects.toThrow(/abort/);
  };

  it('free their slot', async () => {
    await serve({ serviceTimeMs: 30_000, slots: 1 });
    await dropInService();
    await expect.poll(() => server.truth.publish().cancelled).toBe(1);
    expect(server.truth.publish()).toMatchObject({ cancelled: 1, answered: 0, concurrency: { inFlight: 0 } });
  });

  it('are worked on to their end where the server ignores that', async () => {
    await serve({ serviceTimeMs: 1000, slots: 1, ignoreCancel: true });
    await dropInService();
    await expect.poll(() => server.truth.publish().answered).toBe(1);
    expect(server.truth.publish()).toMatchObject({ cancelled: 1, answered: 1 });
  });
});

describe('leaks', () => {
  it('keep what they are told to, per call', async () => {
    await serve({ keepBytes: 2000, churnBytes: 200_000, leakFds: true });
    const before = openSinks();
    for (let i = 0; i < 10; i++) await server.call();
    expect(server.truth.publish().kept).toEqual({ bytes: 20_000, fds: 10, sessionBytes: 0 });
    expect(openSinks() - before).toBe(10);
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
