import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynoError, isJsonObject, messageOf, usageError, type JsonObject } from '../../core/index.js';
import { clearConditions } from '../conditions/conditions.js';
import { networkProfile } from '../conditions/profiles.js';
import { applySettings } from '../conditions/settings.js';
import { readLongTime } from '../conditions/values.js';
import { readAddress, showAddress } from './address.js';
import { listenError } from './listen.js';
import type { NetworkProxy } from './network-proxy.js';

/** A running control API. */
export interface ControlApi {
  url: string;
  close(): Promise<void>;
}

const largestBody = 64 * 1024;

/**
 * Serves the control of a proxy over HTTP, on loopback only: `GET /` (conditions and counts), `PUT /conditions` (in place of
 * the present ones), `PATCH /conditions` (on top of them), `POST /cut` (`{"for":"3s","kind":"reset"}`), `POST /reset`,
 * `PUT /upstream` (`{"upstream":"127.0.0.1:4000"}`).
 *
 * @throws DynoError (104) where it cannot listen.
 */
export function serveControl(proxy: NetworkProxy, port: number): Promise<ControlApi> {
  const server = createServer((request, response) => {
    void answer(proxy, request, response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError({ host: '127.0.0.1', port }, error));
    });
    server.listen(port, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        close: () =>
          new Promise((done) => {
            server.close(() => {
              done();
            });
            server.closeAllConnections();
          }),
      });
    });
  });
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(
  proxy: NetworkProxy,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body, null, 2)}\n`);
  };
  try {
    refuseStrangers(request);
    await act(proxy, request);
    send(200, await stateOf(proxy));
  } catch (error) {
    const hint = error instanceof DynoError && error.hint !== undefined ? { hint: error.hint } : {};
    const status = error instanceof Refusal ? error.status : error instanceof DynoError ? 400 : 500;
    send(status, { error: messageOf(error), ...hint });
  }
}

/** A page in a browser must not reach this: not by another name for this machine, nor by a form. */
function refuseStrangers(request: IncomingMessage): void {
  const host = request.headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(host)) {
    throw new Refusal(403, 'This is only for callers that use http://127.0.0.1 or http://localhost');
  }
  if (request.method === 'GET') return;
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'Expected content-type: application/json');
  }
}

async function act(proxy: NetworkProxy, request: IncomingMessage): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const what = `${request.method} ${pathname}`;
  if (what === 'GET /') return;
  const body = await bodyOf(request);
  switch (what) {
    case 'PUT /conditions':
    case 'PATCH /conditions': {
      const { network, ...settings } = body;
      const present = request.method === 'PATCH' ? proxy.conditions : clearConditions();
      const base =
        network === undefined ? present : networkProfile(textOf(network, 'network'), "'network'").conditions;
      await proxy.setConditions(applySettings(base, settings));
      return;
    }
    case 'POST /cut': {
      const forMs = readLongTime(textOf(body['for'], 'for'), "'for'");
      const kind = body['kind'] ?? 'reset';
      if (kind !== 'reset' && kind !== 'hold') throw usageError(`Expected 'kind' to be reset or hold`);
      await proxy.cut(forMs, kind);
      return;
    }
    case 'POST /reset':
      await proxy.resetAll();
      return;
    case 'PUT /upstream':
      await proxy.setUpstream(readAddress(textOf(body['upstream'], 'upstream'), "'upstream'"));
      return;
    default:
      throw new Refusal(
        404,
        'There is only GET /, PUT and PATCH /conditions, POST /cut, POST /reset and PUT /upstream',
      );
  }
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw usageError(`Expected '${name}' to be a text`);
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largestBody) throw new Refusal(413, `Expected at most ${largestBody} bytes`);
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString('utf8');
  if (text.trim() === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw usageError(`Expected the body to be JSON: ${messageOf(error)}`);
  }
  if (!isJsonObject(parsed)) throw usageError('Expected the body to be a JSON object');
  return parsed;
}

async function stateOf(proxy: NetworkProxy): Promise<unknown> {
  return {
    listen: showAddress(proxy.address),
    upstream: showAddress(proxy.upstream),
    conditions: proxy.conditions,
    stats: await proxy.stats(),
  };
}
