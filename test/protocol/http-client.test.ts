import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  connect,
  forgetVerdicts,
  McpServer,
  serveHttp,
  type ConnectOptions,
  type Endpoint,
  type HttpServing,
  type McpConnection,
  type ServeHttpOptions,
} from '../../src/protocol/index.js';
import { demoServer } from './demo-server.js';

const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  forgetVerdicts();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(server: McpServer, options: ServeHttpOptions = {}): Promise<HttpServing> {
  const serving = await serveHttp(server, options);
  cleanups.push(() => serving.close());
  return serving;
}

async function open(
  url: string,
  options: ConnectOptions = {},
  endpoint: Partial<Extract<Endpoint, { kind: 'http' }>> = {},
): Promise<McpConnection> {
  const connection = await connect({ kind: 'http', url, ...endpoint }, { timeoutMs: 5000, ...options });
  cleanups.push(() => connection.close());
  return connection;
}

/** A plain HTTP server that answers as told. */
async function raw(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const http = createServer(handler);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  cleanups.push(
    () =>
      new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const echo = async (connection: McpConnection, message = 'x') =>
  (await connection.callTool('echo', { message })).content[0]?.text;

describe('sessions', () => {
  it('are opened, used and ended', async () => {
    const serving = await serve(demoServer());
    const connection = await open(serving.url, { protocol: '2025-11-25' });
    expect(connection.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(serving.sessions).toBe(1);
    expect(await echo(connection)).toBe('x');
    await connection.close();
    expect(serving.sessions).toBe(0);
    await expect(connection.callTool('echo')).rejects.toMatchObject({ outcome: 'transport' });
    expect(await connection.closed).toEqual({ reason: 'the connection was closed' });
  });

  it('that expire are opened again, once for all calls that notice', async () => {
    const ended: string[] = [];
    const server = demoServer();
    const serving = await serve(server, {
      sessionIdleMs: 30,
      onSession: (change, id) => change === 'ended' && ended.push(id),
    });
    const connection = await open(serving.url, { protocol: '2025-11-25' });
    const before = connection.sessionId!;
    await expect.poll(() => ended).toEqual([before]);
    const echoed = await Promise.all(Array.from({ length: 10 }, (_, i) => echo(connection, String(i))));
    expect(echoed).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
    expect(connection.sessionId).not.toBe(before);
    expect(connection.diagnostics.reopened).toBe(1);
  });

  it('beyond the limit are refused as throttling', async () => {
    const serving = await serve(demoServer(), { maxSessions: 1 });
    await open(serving.url, { protocol: '2025-11-25' });
    const second = connect({ kind: 'http', url: serving.url }, { protocol: '2025-11-25' });
    await expect(second).rejects.toMatchObject({ outcome: 'throttled', status: 503 });
  });

  it('are not ended twice, and closing does not wait for a server that hangs', async () => {
    const url = await raw((request, response) => {
      if (request.method !== 'POST') return;
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 's', version: '1' },
      };
      response.setHeader('mcp-session-id', 's1');
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
    });
    const connection = await open(url, { protocol: '2025-11-25' });
    const started = performance.now();
    await Promise.all([connection.close(), connection.close()]);
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe('what arrives outside of calls', () => {
  it('is heard on the GET stream, which takes no connection from calls', async () => {
    const server = demoServer();
    const serving = await serve(server);
    const heard: string[] = [];
    const connection = await open(serving.url, {
      protocol: '2025-11-25',
      maxConnections: 1,
      onNotification: (method, params) => heard.push(`${method} ${String(params['uri'] ?? '')}`.trim()),
    });
    await connection.request('resources/subscribe', { uri: 'memo://one' });
    server.tool({ name: 'new' }, () => 'new');
    server.resourceUpdated('memo://one');
    server.resourceUpdated('memo://two');
    await expect
      .poll(() => heard)
      .toEqual(['notifications/tools/list_changed', 'notifications/resources/updated memo://one']);
    expect(await echo(connection)).toBe('x');
  });

  it('is heard by subscription in the stateless era, only what was asked for', async () => {
    const server = demoServer();
    const serving = await serve(server);
    const heard: string[] = [];
    const connection = await open(serving.url, {
      protocol: '2026-07-28',
      onNotification: (method) => heard.push(method),
    });
    const subscription = connection.subscribe({
      toolsListChanged: true,
      resourceSubscriptions: ['memo://one'],
    });
    await expect.poll(() => heard).toEqual(['notifications/subscriptions/acknowledged']);
    server.tool({ name: 'new' }, () => 'new');
    server.prompt({ name: 'new' }, () => ({ messages: [] }));
    server.resourceUpdated('memo://one');
    await expect
      .poll(() => heard.slice(1))
      .toEqual(['notifications/tools/list_changed', 'notifications/resources/updated']);
    subscription.close();
    await subscription.ended;
    server.tool({ name: 'newer' }, () => 'newer');
    expect(await echo(connection)).toBe('x');
    expect(heard).toHaveLength(3);
  });

  it('ends a subscription in order when the server closes', async () => {
    const serving = await serve(demoServer());
    const connection = await open(serving.url, { protocol: '2026-07-28', onNotification: () => undefined });
    const subscription = connection.subscribe({ toolsListChanged: true });
    await echo(connection);
    await serving.close();
    await subscription.ended;
  });

  it('can be asked and answered while every connection waits for an answer', async () => {
    const serving = await serve(demoServer());
    const connection = await open(serving.url, {
      protocol: '2025-11-25',
      maxConnections: 1,
      capabilities: { elicitation: {} },
      onRequest: () => Promise.resolve({ action: 'accept', content: { name: 'A' } }),
    });
    expect((await connection.callTool('ask-name')).content[0]?.text).toBe('Hello A A');
  });
});

describe('a stream that breaks off', () => {
  const restless = () => {
    const server = demoServer();
    server.tool({ name: 'drop' }, async (_, call) => {
      call.progress(1, 2);
      call.closeStream();
      await new Promise((resolve) => setTimeout(resolve, 30));
      call.progress(2, 2);
      return 'after the break';
    });
    return server;
  };

  it('is resumed where it broke, and nothing is lost or repeated', async () => {
    const serving = await serve(restless(), { eventStore: 100, retryMs: 5 });
    const connection = await open(serving.url, { protocol: '2025-11-25' });
    const calls = Array.from({ length: 5 }, async () => {
      const seen: number[] = [];
      const result = await connection.callTool(
        'drop',
        {},
        { onProgress: ({ progress }) => seen.push(progress) },
      );
      return [result.content[0]?.text, ...seen];
    });
    for (const seen of await Promise.all(calls)) expect(seen).toEqual(['after the break', 1, 2]);
  });

  it('is resumed after the time that the server asks for', async () => {
    const serving = await serve(restless(), { eventStore: 100, retryMs: 150 });
    const connection = await open(serving.url, { protocol: '2025-11-25' });
    const started = performance.now();
    await connection.callTool('drop');
    expect(performance.now() - started).toBeGreaterThanOrEqual(145);
  });

  it('ends the call where the server cannot resume', async () => {
    const url = await raw((request, response) => {
      if (request.method !== 'POST') {
        response.writeHead(405).end();
        return;
      }
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { id, method } = JSON.parse(body) as { id?: number; method: string };
        if (method !== 'initialize') {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.end('id: 1\nretry: 1\ndata:\n\n');
          return;
        }
        const result = {
          protocolVersion: '2025-11-25',
          capabilities: {},
          serverInfo: { name: 's', version: '1' },
        };
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
    const connection = await open(url, { protocol: '2025-11-25' });
    const call = connection.callTool('echo');
    await expect(call).rejects.toMatchObject({ outcome: 'transport', status: 405 });
    await expect(call).rejects.toThrow('the stream broke off');
  });

  it('is not resumed for ever', async () => {
    let resumes = 0;
    const url = await raw((request, response) => {
      if (request.method === 'GET') resumes++;
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`id: ${resumes}\nretry: 1\ndata:\n\n`);
    });
    const attempt = connect({ kind: 'http', url }, { protocol: '2025-11-25', limits: { maxResumes: 4 } });
    await expect(attempt).rejects.toMatchObject({ outcome: 'transport' });
    expect(resumes).toBe(4);
  });
});

describe('authorization', () => {
  const guarded = (good: () => string) =>
    serve(demoServer(), {
      intercept: (request, response) => {
        if (request.headers.authorization === good()) return false;
        request.resume();
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="demo"' }).end();
        return true;
      },
    });

  it('is asked for again once when the server answers 401, for all calls together', async () => {
    let good = 'Bearer 1';
    const { url } = await guarded(() => good);
    const asked: (string | undefined)[] = [];
    const connection = await open(
      url,
      {},
      {
        authorization: ({ challenge }) => {
          asked.push(challenge);
          return Promise.resolve(`Bearer ${asked.length}`);
        },
      },
    );
    good = 'Bearer 2';
    await Promise.all(Array.from({ length: 8 }, () => echo(connection)));
    expect(asked).toEqual([undefined, 'Bearer realm="demo"']);
  });

  it('that stays wrong is an HTTP failure', async () => {
    const { url } = await guarded(() => 'Bearer good');
    const attempt = connect({ kind: 'http', url, authorization: () => Promise.resolve('Bearer bad') });
    await expect(attempt).rejects.toMatchObject({ outcome: 'http', status: 401 });
    await expect(connect({ kind: 'http', url })).rejects.toMatchObject({ outcome: 'http', status: 401 });
    const failing = connect({
      kind: 'http',
      url,
      authorization: () => Promise.reject(new Error('no token')),
    });
    await expect(failing).rejects.toThrow('no authorization: no token');
  });

  it('may come from the headers or the URL', async () => {
    const { url } = await guarded(() => `Basic ${Buffer.from('ada:secret').toString('base64')}`);
    const connection = await open(url.replace('http://', 'http://ada:secret@'));
    expect(await echo(connection)).toBe('x');
    const headers = { Authorization: `Basic ${Buffer.from('ada:secret').toString('base64')}` };
    expect(await echo(await open(url, {}, { headers }))).toBe('x');
  });
});

describe('redirects', () => {
  it('within the origin are followed', async () => {
    const { url } = await serve(demoServer(), {
      path: '/mcp/',
      intercept: (request, response) => {
        if (request.url !== '/mcp') return false;
        request.resume();
        response.writeHead(307, { location: '/mcp/' }).end();
        return true;
      },
    });
    expect(await echo(await open(url.replace(/\/$/, '')))).toBe('x');
  });

  it('to another origin are not', async () => {
    const { url } = await serve(demoServer());
    const trap = await raw((request, response) => {
      request.resume();
      response.writeHead(308, { location: url }).end();
    });
    const attempt = connect({ kind: 'http', url: `${trap}/mcp`, headers: { 'x-secret': '1' } });
    await expect(attempt).rejects.toThrow('another origin');
  });
});

describe('TLS', () => {
  const file = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

  it('is checked against the authorities given', async () => {
    const { url } = await serve(demoServer(), { tls: { key: file('key.pem'), cert: file('cert.pem') } });
    expect(url).toMatch(/^https:/);
    const trusting = await open(url, {}, { tls: { ca: file('cert.pem') } });
    expect(await echo(trusting)).toBe('x');
    expect(await echo(await open(url, {}, { tls: { rejectUnauthorized: false } }))).toBe('x');
    await expect(connect({ kind: 'http', url })).rejects.toMatchObject({ outcome: 'connect' });
  });
});

describe('negotiation', () => {
  /** The methods that reach a server. */
  async function counted(server: McpServer, options: ServeHttpOptions = {}) {
    const methods: string[] = [];
    const serving = await serve(server, {
      ...options,
      intercept: (request) => {
        methods.push(`${request.method!} ${String(request.headers['mcp-method'] ?? '')}`.trim());
        return false;
      },
    });
    return { url: serving.url, methods };
  }

  it('is remembered per origin, and made again where it no longer holds', async () => {
    const { url, methods } = await counted(demoServer(), { eras: 'session' });
    await open(url);
    expect(methods[0]).toBe('POST server/discover');
    methods.length = 0;
    await open(url);
    expect(methods).not.toContain('POST server/discover');
    const modern = await counted(demoServer(), { eras: 'stateless' });
    const { origin } = new URL(modern.url);
    const { keepVerdict } = await import('../../src/protocol/client/verdicts.js');
    keepVerdict(origin, 'session');
    expect((await open(modern.url)).era).toBe('stateless');
    keepVerdict(origin, 'sse');
    expect((await open(modern.url)).era).toBe('stateless');
  });

  it('falls back to a server that only knows legacy HTTP+SSE, and remembers that', async () => {
    const serving = await serve(demoServer(), { path: '/elsewhere', ssePath: '/sse' });
    const connection = await open(serving.sseUrl!);
    expect(connection).toMatchObject({ transport: 'sse', era: 'session' });
    expect(await echo(connection)).toBe('x');
    expect((await open(serving.sseUrl!)).transport).toBe('sse');
  });

  it('says what was wrong in the first place when nothing works', async () => {
    const serving = await serve(demoServer());
    const attempt = connect({ kind: 'http', url: serving.url.replace('/mcp', '/wrong') });
    await expect(attempt).rejects.toMatchObject({ outcome: 'http', status: 404 });
    await expect(connect({ kind: 'http', url: 'http://127.0.0.1:1/mcp' })).rejects.toMatchObject({
      outcome: 'connect',
    });
    await expect(connect({ kind: 'http', url: 'ftp://x/' })).rejects.toThrow(
      "http or https URL, got 'ftp://x/'",
    );
  });

  it('has no time limit where that is asked for', async () => {
    const { url } = await serve(demoServer());
    expect(await echo(await open(url, { timeoutMs: Infinity }))).toBe('x');
  });

  it('takes the server’s name as text that is fit to show', async () => {
    const { url } = await serve(new McpServer({ name: '\u001b[31mevil\n', version: 'x'.repeat(1000) }));
    const { serverInfo } = await open(url);
    expect(serverInfo.name).toBe('[31mevil');
    expect(serverInfo.version).toHaveLength(100);
  });

  it('ends when its caller gives up', async () => {
    const url = await raw((request) => request.resume());
    const controller = new AbortController();
    const attempt = connect({ kind: 'http', url }, { signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error('never mind'));
    }, 20);
    await expect(attempt).rejects.toThrow('never mind');
  });

  it('does not take a server at its word that it speaks what we do not', async () => {
    const url = await raw((request, response) => {
      request.resume();
      const data = { supported: ['2031-01-01'] };
      const error = { code: -32022, message: 'too old', data };
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error }));
    });
    await expect(connect({ kind: 'http', url })).rejects.toThrow('the server speaks 2031-01-01');
  });
});

describe('arguments that travel as headers', () => {
  it('are known without a listing, and learnt again when they change', async () => {
    const server = demoServer();
    const { url } = await serve(server);
    const connection = await open(url, { protocol: '2026-07-28' });
    expect((await connection.callTool('region', { where: 'Ütikon' })).content[0]?.text).toBe('in Ütikon');
    server.tool(
      {
        name: 'region',
        inputSchema: { type: 'object', properties: { where: { type: 'string', 'x-mcp-header': 'Place' } } },
      },
      () => 'moved',
    );
    expect((await connection.callTool('region', { where: 'Ütikon' })).content[0]?.text).toBe('moved');
  });

  it('keep tools with invalid marks out of the list', async () => {
    const server = demoServer();
    server.tool(
      {
        name: 'bad',
        inputSchema: { type: 'object', properties: { a: { type: 'number', 'x-mcp-header': 'A' } } },
      },
      () => 'x',
    );
    const { url } = await serve(server);
    const modern = await open(url, { protocol: '2026-07-28' });
    expect((await modern.listTools()).map((tool) => tool.name)).not.toContain('bad');
    expect(modern.diagnostics.droppedTools).toMatchObject([{ name: 'bad' }]);
    const older = await open(url, { protocol: '2025-11-25' });
    expect((await older.listTools()).map((tool) => tool.name)).toContain('bad');
  });
});
