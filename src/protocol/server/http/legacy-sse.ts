import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../../core/json.js';
import { Duplex } from '../duplex.js';
import type { McpServer } from '../mcp-server.js';
import { rpcCodes } from '../rpc-error.js';
import { refuse } from './mcp-handler.js';
import { readBody } from './read-body.js';
import { beginStream, SseStream } from './sse-stream.js';

/** Legacy HTTP+SSE (2024-11-05): one GET stream per client, requests POSTed to the path it names. @internal */
export class LegacySseHandler {
  readonly #server: McpServer;
  readonly #messagePath: string;
  readonly #maxBody: number;
  readonly #clients = new Map<string, { duplex: Duplex; stream: SseStream }>();

  constructor(server: McpServer, messagePath: string, maxBodyBytes: number | undefined) {
    this.#server = server;
    this.#messagePath = messagePath;
    this.#maxBody = maxBodyBytes ?? 4 * 1024 * 1024;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** GET of the stream's path. */
  open(response: ServerResponse): void {
    const id = randomUUID();
    const stream = new SseStream(undefined);
    const write = (message: JsonObject) => {
      stream.send(message);
    };
    const duplex = new Duplex(this.#server, write, 'session');
    this.#clients.set(id, { duplex, stream });
    beginStream(response);
    response.write(`event: endpoint\ndata: ${this.#messagePath}?sessionId=${id}\n\n`);
    stream.attach(response);
    response.once('close', () => {
      this.#clients.delete(id);
      duplex.end('the client closed the stream');
    });
  }

  /** POST of a message. */
  post(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const client = this.#clients.get(query.get('sessionId') ?? '');
    if (client === undefined) {
      refuse(response, 404, rpcCodes.sessionNotFound, 'Session not found');
      return;
    }
    readBody(request, this.#maxBody, (text) => {
      if (text === undefined) {
        const words = `Payload too large: at most ${this.#maxBody} bytes`;
        refuse(response, 413, rpcCodes.badRequest, words, ['Connection', 'close']);
        return;
      }
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch {
        refuse(response, 400, rpcCodes.parse, 'Parse error: the body is no JSON');
        return;
      }
      response.writeHead(202, ['Content-Type', 'text/plain', 'Content-Length', '8']);
      response.end('Accepted');
      client.duplex.receive(body);
    });
  }

  keepAlive(): void {
    for (const { stream } of this.#clients.values()) stream.comment();
  }

  close(): void {
    for (const { duplex, stream } of this.#clients.values()) {
      duplex.end('the server is closing');
      stream.end();
    }
    this.#clients.clear();
  }
}
