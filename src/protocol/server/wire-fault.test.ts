import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { McpServer } from './mcp-server.js';
import { serveHttp } from './serve-http.js';
import { serveStdio } from './serve-stdio.js';
import type { AnswerMode, HttpServing, ServeHttpOptions } from './server-types.js';
import { WireFault, type Fault } from './wire-fault.js';

const faults: Record<string, Fault> = {
  status: { kind: 'status', status: 429, headers: { 'Retry-After': '1' }, body: 'later' },
  text: { kind: 'text', text: 'no {JSON' },
  id: { kind: 'id', id: 'other', result: { content: [] } },
  close: { kind: 'close', result: { content: [{ type: 'text', text: 'x'.repeat(100) }] } },
};

function badServer() {
  const server = new McpServer({ name: 'bad', version: '1' });
  server.tool({ name: 'fine' }, () => 'fine');
  for (const [name, fault] of Object.entries(faults)) {
    server.tool({ name }, async () => {
      await Promise.resolve();
      throw new WireFault(fault);
    });
  }
  return server;
}

const call = (name: string) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });

describe('a fault over HTTP', () => {
  let serving: HttpServing;
  const serve = async (options: ServeHttpOptions) => {
    serving = await serveHttp(badServer(), { session: 'stateless', ...options });
  };
  afterEach(() => serving.close());

  const post = (name: string) =>
    fetch(serving.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: call(name),
    });

  it.each<AnswerMode>(['auto', 'json', 'chunked', 'late-sse'])(
    'is played in the mode %s',
    async (answers) => {
      await serve({ answers });
      const throttled = await post('status');
      expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '1']);
      expect(await throttled.text()).toBe('later');
      expect(await (await post('text')).text()).toContain('no {JSON');
      expect(await (await post('id')).text()).toContain('"id":"other"');
      const closed = await post('close');
      expect(closed.status).toBe(200);
      await expect(closed.text()).rejects.toThrow();
      expect(await (await post('fine')).text()).toContain('"text":"fine"');
    },
  );

  it('ends an open stream without an answer where a status was meant', async () => {
    await serve({ answers: 'sse' });
    expect(await (await post('status')).text()).toBe('');
    expect(await (await post('text')).text()).toContain('data: no {JSON');
  });

  it('leaves chunked answers without a length', async () => {
    await serve({ answers: 'chunked' });
    const answer = await post('fine');
    expect(answer.headers.get('content-length')).toBeNull();
    expect(await answer.json()).toMatchObject({ id: 1 });
  });
});

describe('serving HTTP with hooks', () => {
  it('hears of sessions and connections, and lets pages of one’s own stand beside', async () => {
    const heard: string[] = [];
    const serving = await serveHttp(badServer(), {
      onSession: (change) => heard.push(change),
      onConnection: () => heard.push('connection'),
      intercept: (request, response) => {
        if (request.url !== '/own') return false;
        response.end('own page');
        return true;
      },
    });
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    const opened = await fetch(serving.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    });
    await opened.text();
    const headers = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id')! };
    await fetch(serving.url, { method: 'DELETE', headers });
    expect(heard[0]).toBe('connection');
    expect(heard.filter((change) => change !== 'connection')).toEqual(['opened', 'ended']);
    expect(await (await fetch(new URL('/own', serving.url))).text()).toBe('own page');
    await serving.close();
  });

  it('keeps a session that was ended when it is to leak', async () => {
    const serving = await serveHttp(badServer(), { keepEndedSessions: true });
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    const opened = await fetch(serving.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    });
    const headers = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id')! };
    expect((await fetch(serving.url, { method: 'DELETE', headers })).status).toBe(200);
    expect(serving.sessions).toBe(1);
    await serving.close();
  });

  it('serves only the revisions it was given', async () => {
    const server = new McpServer({ name: 'old', version: '1', sessionVersions: ['2024-11-05'] });
    const input = new PassThrough();
    const output = new PassThrough();
    const serving = serveStdio(server, { input, output });
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
    const [line] = (await output[Symbol.asyncIterator]().next()).value.toString().split('\n') as string[];
    expect(JSON.parse(line!)).toMatchObject({ result: { protocolVersion: '2024-11-05' } });
    await serving.close();
  });
});

describe('a fault over stdio', () => {
  it('is played where a pipe can; where it cannot, no answer comes', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const serving = serveStdio(badServer(), { input, output });
    for (const name of ['text', 'status', 'close', 'id', 'fine']) input.write(`${call(name)}\n`);
    let text = '';
    for await (const chunk of output) {
      text += String(chunk);
      if (text.split('\n').length === 4) break;
    }
    const lines = text.trimEnd().split('\n');
    expect(lines).toContain('no {JSON');
    expect(
      lines.filter((line) => line.startsWith('{')).map((line) => (JSON.parse(line) as { id: unknown }).id),
    ).toEqual(expect.arrayContaining(['other', 1]));
    await serving.close();
  });
});
