import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unreachableError } from '../../../core/errors.js';
import { LegacySseHandler } from './legacy-sse.js';
import { McpHandler, refuse } from './mcp-handler.js';
import { originCheck } from './origin-check.js';
import type { McpServer } from '../mcp-server.js';
import { rpcCodes } from '../rpc-error.js';
import type { HttpServing, ServeHttpOptions } from '../server-types.js';

/** Longer than clients keep idle connections, so that none of them meets a closing one. */
const keepAliveTimeoutMs = 75_000;

/** See `serveHttp`. @internal */
export async function startHttp(server: McpServer, options: ServeHttpOptions = {}): Promise<HttpServing> {
  const { host = '127.0.0.1', path = '/mcp', ssePath, keepAliveMs = 15_000 } = options;
  const handler = new McpHandler(server, options);
  const messagePath = `${(ssePath ?? '').replace(/\/+$/, '')}/message`;
  const legacy =
    ssePath === undefined ? undefined : new LegacySseHandler(server, messagePath, options.maxBodyBytes);
  const wrongOrigin = originCheck(host, options.allowedHosts);

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (options.intercept?.(request, response) === true) return;
    const wrong = wrongOrigin(request.headers);
    if (wrong !== undefined) {
      refuse(response, 403, rpcCodes.badRequest, `Forbidden: ${wrong}`);
      return;
    }
    const { url = '/' } = request;
    const mark = url.indexOf('?');
    const asked = mark === -1 ? url : url.slice(0, mark);
    if (asked === path) handler.handle(request, response);
    else if (legacy !== undefined && asked === ssePath && request.method === 'GET') legacy.open(response);
    else if (legacy !== undefined && asked === messagePath && request.method === 'POST') {
      legacy.post(request, response, new URLSearchParams(mark === -1 ? '' : url.slice(mark)));
    } else refuse(response, 404, rpcCodes.badRequest, `Not found: ${asked}`);
  };

  const http = await createHttpServer(options, onRequest);
  http.keepAliveTimeout = options.idleTimeoutMs ?? keepAliveTimeoutMs;
  if (options.onConnection !== undefined) http.on('connection', options.onConnection);
  await listen(http, options.port ?? 0, host);
  const { port } = http.address() as AddressInfo;
  const timer =
    keepAliveMs > 0
      ? setInterval(() => {
          handler.keepAlive();
          legacy?.keepAlive();
        }, keepAliveMs).unref()
      : undefined;
  const origin = `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: `${origin}${path}`,
    sseUrl: ssePath === undefined ? undefined : `${origin}${ssePath}`,
    port,
    get sessions() {
      return handler.sessions.size + (legacy?.size ?? 0);
    },
    close: async () => {
      clearInterval(timer);
      handler.close();
      legacy?.close();
      // Answers that were just ended leave before their connections do.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise<void>((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      });
    },
  };
}

async function createHttpServer(
  options: ServeHttpOptions,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  if (options.tls === undefined) {
    const { createServer } = await import('node:http');
    return createServer({ noDelay: true }, onRequest);
  }
  const { createServer } = await import('node:https');
  return createServer({ ...options.tls, noDelay: true }, onRequest);
}

function listen(http: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      const hint = 'Choose another port with --port, or 0 for a free one.';
      reject(unreachableError(`Cannot listen on ${host}:${port}: ${why}`, hint, error));
    });
    http.listen(port, host, resolve);
  });
}
