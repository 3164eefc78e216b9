import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearConditions, roundTripMs } from '../conditions/conditions.js';
import { serveControl, type ControlApi } from './control-api.js';
import { startProxy, type NetworkProxy } from './network-proxy.js';

let proxy: NetworkProxy;
let api: ControlApi;
beforeEach(async () => {
  proxy = await startProxy({
    listen: { host: '127.0.0.1', port: 0 },
    upstream: { host: '127.0.0.1', port: 1 },
    conditions: clearConditions(),
  });
  api = await serveControl(proxy, 0);
});
afterEach(async () => {
  await api.close();
  await proxy.close();
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const call = request(
      new URL(path, api.url),
      { method, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let got = '';
        response.setEncoding('utf8').on('data', (piece: string) => (got += piece));
        response.on('end', () => {
          resolve({ status: response.statusCode!, text: got });
        });
      },
    );
    call.on('error', reject);
    call.end(text);
  });
  return { status: answer.status, json: JSON.parse(answer.text) as Record<string, unknown> };
}

describe('the control API of a proxy', () => {
  it('tells what the network is and what passed it', async () => {
    const { status, json } = await ask('GET', '/');
    expect(status).toBe(200);
    expect(json).toMatchObject({ upstream: '127.0.0.1:1', stats: { connections: { total: 0 } } });
  });

  it('replaces conditions with PUT and adds to them with PATCH', async () => {
    await ask('PUT', '/conditions', { network: 'dsl' });
    expect(roundTripMs(proxy.conditions)).toBe(50);
    await ask('PATCH', '/conditions', { latency: '100ms', bandwidthUp: '1mbit' });
    expect(roundTripMs(proxy.conditions)).toBe(100);
    expect(proxy.conditions.down.bandwidth).toBe(1.5e6 / 8);
    expect(proxy.conditions.up.bandwidth).toBe(125_000);
    await ask('PUT', '/conditions', {});
    expect(proxy.conditions).toEqual(clearConditions());
  });

  it('cuts, and takes another upstream', async () => {
    const { json } = await ask('POST', '/cut', { for: '1h', kind: 'hold' });
    expect(json).toMatchObject({ stats: { cut: true, cuts: 1 } });
    await ask('PUT', '/upstream', { upstream: 'http://127.0.0.1:4000/mcp' });
    expect(proxy.upstream).toEqual({ host: '127.0.0.1', port: 4000 });
  });

  it.each([
    ['PATCH', '/conditions', { latency: '-5ms' }, 400, /'latency' to be a duration/],
    ['PATCH', '/conditions', { latency: { deep: 1 } }, 400, /'latency' to be a text/],
    ['PUT', '/conditions', { network: 'dls' }, 400, /'network' to be one of/],
    ['PUT', '/conditions', '{"latency', 400, /body to be JSON/],
    ['PUT', '/conditions', '[1]', 400, /JSON object/],
    ['POST', '/cut', {}, 400, /'for' to be a text/],
    ['POST', '/cut', { for: '1s', kind: 'axe' }, 400, /reset or hold/],
    ['PUT', '/upstream', { upstream: 'nowhere' }, 400, /HOST:PORT/],
    ['GET', '/nothing', undefined, 404, /There is only/],
    ['PUT', '/conditions', `{"latency":"${'x'.repeat(70_000)}"}`, 413, /at most 65536 bytes/],
  ])('refuses %s %s %j in one sentence', async (method, path, body, status, sentence) => {
    const answer = await ask(method, path, body);
    expect(answer.json['error']).toMatch(sentence);
    expect(answer.status).toBe(status);
  });

  it('is not for pages in a browser', async () => {
    expect((await ask('GET', '/', undefined, { host: 'evil.example' })).status).toBe(403);
    expect((await ask('POST', '/reset', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });
});
