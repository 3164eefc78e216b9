import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { serveHttp, type HttpServing, type ServeHttpOptions } from '../../src/protocol/index.js';
import { demoServer } from './demo-server.js';

let serving: HttpServing | undefined;

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

async function serve(options: ServeHttpOptions = {}): Promise<string> {
  serving = await serveHttp(demoServer(), options);
  return serving.url;
}

interface Reply {
  status: number;
  headers: Headers;
  body: {
    result?: { [name: string]: unknown };
    error?: { code: number; message: string; data?: unknown };
    id?: unknown;
  };
}

async function post(url: string, message: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {}) as Reply['body'],
  };
}

const request = (method: string, params: object = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const initialize = request('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'c', version: '1' },
});
const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const modern = (method: string, params: object = {}) => request(method, { ...params, _meta });
const modernHeaders = (method: string, name?: string) => ({
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
  ...(name !== undefined && { 'mcp-name': name }),
});
const echo = { name: 'echo', arguments: { message: 'x' } };

describe('both eras on one endpoint', () => {
  it('are told apart by what the request says', async () => {
    const url = await serve();
    const opened = await post(url, initialize);
    expect(opened.body.result?.['protocolVersion']).toBe('2025-11-25');
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id')! };
    const called = await post(url, request('tools/call', echo), session);
    expect(called.body.result).toEqual({ content: [{ type: 'text', text: 'x' }] });
    const stateless = await post(url, modern('tools/call', echo), modernHeaders('tools/call', 'echo'));
    expect(stateless.body.result).toMatchObject({ resultType: 'complete', content: [{ text: 'x' }] });
  });

  it.each<[string, object, Record<string, string>, number, number]>([
    ['no session', request('tools/list'), {}, 400, -32000],
    ['an unknown session', request('tools/list'), { 'mcp-session-id': 'x' }, 404, -32001],
    ['an unknown revision', request('tools/list'), { 'mcp-protocol-version': '1999-01-01' }, 400, -32000],
    [
      'a modern header without _meta',
      request('tools/list'),
      { 'mcp-protocol-version': '2026-07-28' },
      400,
      -32602,
    ],
    ['a modern header on initialize', initialize, { 'mcp-protocol-version': '2026-07-28' }, 400, -32020],
    [
      '_meta without capabilities',
      request('tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }),
      modernHeaders('tools/list'),
      400,
      -32602,
    ],
    [
      'a revision to come',
      request('tools/list', { _meta: { ..._meta, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } }),
      { 'mcp-protocol-version': '2031-01-01', 'mcp-method': 'tools/list' },
      400,
      -32022,
    ],
    ['no version header', modern('tools/list'), { 'mcp-method': 'tools/list' }, 400, -32020],
    ['no method header', modern('tools/list'), { 'mcp-protocol-version': '2026-07-28' }, 400, -32020],
    ['another method header', modern('tools/list'), modernHeaders('tools/call'), 400, -32020],
    ['no name header', modern('tools/call', echo), modernHeaders('tools/call'), 400, -32020],
    ['another name header', modern('tools/call', echo), modernHeaders('tools/call', 'add'), 400, -32020],
    [
      'a broken name header',
      modern('tools/call', echo),
      modernHeaders('tools/call', '=?base64?*?='),
      400,
      -32020,
    ],
    [
      'no header for a marked argument',
      modern('tools/call', { name: 'region', arguments: { where: 'a' } }),
      modernHeaders('tools/call', 'region'),
      400,
      -32020,
    ],
    ['an unknown method', modern('no/such'), modernHeaders('no/such'), 404, -32601],
    ['a method of the other era', modern('ping'), modernHeaders('ping'), 404, -32601],
    ['no JSON-RPC', { hello: 1 }, {}, 400, -32600],
    ['an id of null', request('ping', {}, null), {}, 400, -32600],
  ])('refuse %s', async (_, message, headers, status, code) => {
    const reply = await post(await serve(), message, headers);
    expect(reply.status).toBe(status);
    expect(reply.body.error?.code).toBe(code);
  });

  it('accept a name in base64', async () => {
    const headers = modernHeaders('tools/call', `=?base64?${Buffer.from('echo').toString('base64')}?=`);
    expect((await post(await serve(), modern('tools/call', echo), headers)).status).toBe(200);
  });

  it('can be served one at a time', async () => {
    const url = await serve({ eras: 'stateless' });
    const refused = await post(url, initialize);
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { code: -32022, data: { supported: ['2026-07-28'] } } },
    });
    expect((await fetch(url)).status).toBe(405);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
    expect((await post(url, modern('tools/list'), modernHeaders('tools/list'))).status).toBe(200);
    await serving?.close();
    const older = await serve({ eras: 'session' });
    expect((await post(older, modern('tools/list'), modernHeaders('tools/list'))).status).toBe(400);
    expect((await post(older, initialize)).status).toBe(200);
  });
});

describe('HTTP', () => {
  it.each([
    [{ 'content-type': 'text/plain' }, 415],
    [{ accept: 'application/json' }, 406],
    [{ accept: '*/*' }, 200],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'http://localhost:3000' }, 200],
  ])('%j is answered with %i', async (headers, status) => {
    expect((await post(await serve(), initialize, headers)).status).toBe(status);
  });

  it('refuses other hosts, paths and methods', async () => {
    const url = await serve();
    expect((await fetch(url.replace('/mcp', '/other'))).status).toBe(404);
    expect((await fetch(url, { method: 'PUT' })).status).toBe(405);
    const foreign = await new Promise<string>((resolve) => {
      const socket = connectTcp(serving!.port, '127.0.0.1').setEncoding('latin1');
      socket.write('POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n');
      socket.once('data', (text: string) => {
        socket.destroy();
        resolve(text);
      });
    });
    expect(foreign).toMatch(/^HTTP\/1.1 403/);
  });

  it.each([true, false])('bounds the body (announced: %s)', async (announced) => {
    const url = await serve({ maxBodyBytes: 1000 });
    const chunk = 'x'.repeat(600);
    const body = announced
      ? chunk + chunk
      : new ReadableStream({
          start(controller) {
            for (let i = 0; i < 3; i++) controller.enqueue(new TextEncoder().encode(chunk));
            controller.close();
          },
        });
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect(reply.status).toBe(413);
    await reply.text();
  });

  it('says what is no JSON', async () => {
    const reply = await post(await serve(), '{broken');
    expect(reply).toMatchObject({ status: 400, body: { error: { code: -32700 }, id: null } });
  });

  it('answers a notification with 202 and nothing', async () => {
    const url = await serve();
    const session = { 'mcp-session-id': (await post(url, initialize)).headers.get('mcp-session-id')! };
    const told = await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, session);
    expect(told.status).toBe(202);
    expect(told.headers.get('content-length')).toBe('0');
  });

  it('answers batches where the revision has them, and only there', async () => {
    const url = await serve();
    const batch = [request('ping', {}, 1), request('tools/call', echo, 'b'), request('no/such', {}, 3), 7];
    const old = await post(url, {
      ...initialize,
      params: { ...initialize.params, protocolVersion: '2025-03-26' },
    });
    const reply = await post(url, batch, { 'mcp-session-id': old.headers.get('mcp-session-id')! });
    expect(reply.body).toMatchObject([
      { id: 1, result: {} },
      { id: 'b', result: { content: [{ text: 'x' }] } },
      { id: 3, error: { code: -32601 } },
      { id: null, error: { code: -32600 } },
    ]);
    const current = await post(url, initialize);
    const refused = await post(url, batch, { 'mcp-session-id': current.headers.get('mcp-session-id')! });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: -32600 } } });
  });

  it('cancels what a stateless client drops', async () => {
    const url = await serve();
    const controller = new AbortController();
    const dropped = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...modernHeaders('tools/call', 'wait') },
      body: JSON.stringify(modern('tools/call', { name: 'wait' })),
      signal: controller.signal,
    });
    const waits = async () => {
      const reply = await post(
        url,
        modern('tools/call', { name: 'waits' }),
        modernHeaders('tools/call', 'waits'),
      );
      return (reply.body.result as { content: { text: string }[] }).content[0]!.text;
    };
    await expect.poll(waits).toContain('"started":1');
    controller.abort();
    await expect(dropped).rejects.toThrow();
    await expect.poll(waits).toContain('"aborted":1');
  });

  it('ends a session that is deleted', async () => {
    const url = await serve();
    const headers = { 'mcp-session-id': (await post(url, initialize)).headers.get('mcp-session-id')! };
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200);
    expect((await post(url, request('ping'), headers)).status).toBe(404);
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(404);
  });

  it('says which port is taken', async () => {
    await serve();
    await expect(serveHttp(demoServer(), { port: serving!.port })).rejects.toThrow('the port is in use');
  });
});
