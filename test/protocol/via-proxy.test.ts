import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { clearConditions, startProxy, type NetworkProxy } from '../../src/network/index.js';
import { HttpPool } from '../../src/protocol/http/index.js';

const pem = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url)));

let server: Server | undefined;
let proxy: NetworkProxy | undefined;
let pool: HttpPool | undefined;
afterEach(async () => {
  await pool?.close();
  await proxy?.close();
  server?.close();
  server = proxy = pool = undefined;
});

async function behindProxy(listening: Server): Promise<NetworkProxy> {
  server = listening;
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const loopback = '127.0.0.1';
  return (proxy = await startProxy({
    listen: { host: loopback, port: 0 },
    upstream: { host: loopback, port },
    conditions: clearConditions(),
  }));
}

it('dials the proxy, and names the server that is meant', async () => {
  const { address } = await behindProxy(
    createHttpServer((request, response) => response.end(request.headers.host)),
  );
  pool = new HttpPool({ origin: 'http://mcp.example:8080/', via: address });
  const answer = await pool.request({ method: 'GET', path: '/', headers: {} });
  expect(await answer.text()).toBe('mcp.example:8080');
});

it('passes TLS through, with the certificate checked for the server that is meant', async () => {
  const { address } = await behindProxy(
    createHttpsServer({ cert: pem('cert'), key: pem('key') }, (request, response) =>
      response.end(request.headers.host),
    ),
  );
  const ask = async (origin: string) => {
    pool = new HttpPool({ origin, via: address, tls: { ca: pem('cert') } });
    const answer = await pool.request({ method: 'GET', path: '/', headers: {} });
    return answer.text();
  };
  expect(await ask('https://localhost:8443/')).toBe('localhost:8443');
  await expect(ask('https://mcp.example/')).rejects.toThrow(/mcp\.example/);
  await expect(ask('https://192.0.2.1/')).rejects.toThrow(/192\.0\.2\.1/);
});
