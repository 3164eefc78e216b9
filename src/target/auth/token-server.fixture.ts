import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the token endpoint, taken apart. */
export interface TokenRequest {
  authorization: string | undefined;
  form: Record<string, string>;
}

/** An MCP server that wants a token, and the authorization server that issues it: real, on this machine. */
export interface TokenServer {
  origin: string;
  /** The protected address. */
  mcp: string;
  tokenRequests: TokenRequest[];
  /** Paths that were asked for, in order. */
  paths: string[];
  /** Tokens that are accepted now. */
  valid: Set<string>;
  /** What stands at a path: a JSON value, or a handler. */
  routes: Map<string, unknown>;
  close(): Promise<void>;
}

type Handler = (incoming: IncomingMessage, response: ServerResponse, body: string) => void;

/**
 * Starts one. Unless routes say otherwise, `/mcp` refuses without a valid token and `/token` issues `token-1`,
 * `token-2`, … for 3,600 s.
 *
 * @param upstream what `/mcp` passes accepted requests on to.
 */
export async function startTokenServer(upstream?: string): Promise<TokenServer> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      handle(incoming, response, Buffer.concat(chunks).toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state: TokenServer = {
    origin,
    mcp: `${origin}/mcp`,
    tokenRequests: [],
    paths: [],
    valid: new Set(),
    routes: new Map(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
  const json = (response: ServerResponse, status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  function handle(incoming: IncomingMessage, response: ServerResponse, body: string) {
    const path = incoming.url!;
    state.paths.push(path);
    if (path === '/token') {
      state.tokenRequests.push({
        authorization: incoming.headers.authorization,
        form: Object.fromEntries(new URLSearchParams(body)),
      });
    }
    const route = state.routes.get(path);
    if (typeof route === 'function') (route as Handler)(incoming, response, body);
    else if (route !== undefined) json(response, 200, route);
    else if (path === '/token') {
      const token = `token-${state.tokenRequests.length}`;
      state.valid.add(token);
      json(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
    } else if (path === '/mcp') guard(incoming, response, body);
    else json(response, 404, { error: 'not found' });
  }
  function guard(incoming: IncomingMessage, response: ServerResponse, body: string) {
    const token = /^Bearer (.*)$/.exec(incoming.headers.authorization ?? '')?.[1];
    if (token === undefined || !state.valid.has(token)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      return;
    }
    if (upstream === undefined) {
      json(response, 200, {});
      return;
    }
    const forward = request(upstream, { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    forward.on('error', () => response.destroy());
    response.on('close', () => forward.destroy());
    forward.end(body);
  }
  return state;
}
