import { HttpError, HttpPool } from '../../protocol/http/index.js';
import type { LoadTarget } from '../load-target.js';

type HttpTarget = Extract<LoadTarget, { kind: 'http' | 'sse' }>;

/** Requests beside the calls: cancellations, ends of sessions, answers to the server. */
interface SideRequest {
  method: 'POST' | 'DELETE';
  path: string;
  sessionId?: string | undefined;
  body?: string;
}

/** Courtesies share few connections; an answer that a call waits for must never wait for another one. */
const courtesyConnections = 8;
const answerConnections = 4096;
/** How long the server may take to accept them, ms. */
const courtesyMs = 2000;
const answerMs = 10_000;

/** Sends what is no call, over connections of its own: whatever holds up calls does not hold up these. */
export class SidePoster {
  readonly #target: HttpTarget;
  /** The user's and the target's headers, with the token of now. */
  #headers: Record<string, string>;
  readonly #courtesies: HttpPool;
  #answers: HttpPool | undefined;

  constructor(target: HttpTarget) {
    this.#target = target;
    this.#headers = target.headers;
    this.#courtesies = this.#pool(courtesyConnections);
  }

  /** From now on requests carry this Authorization header. */
  authorize(value: string): void {
    this.#headers = { ...this.#headers, authorization: value };
  }

  /** Sends a courtesy: a server that is gone or slow must not end the load. Never rejects. */
  async courtesy(request: SideRequest): Promise<void> {
    await this.#send(this.#courtesies, request, courtesyMs).catch(() => undefined);
  }

  /** Sends an answer to a request of the server; whether it took it. Never rejects. */
  async answer(request: SideRequest): Promise<boolean> {
    const pool = (this.#answers ??= this.#pool(answerConnections));
    const send = () => this.#send(pool, request, answerMs);
    try {
      // An idle connection may be closed by the server just as it is used again; answering twice does no harm.
      const status = await send().catch((error: unknown) => {
        if (error instanceof HttpError && error.outcome === 'transport') return send();
        throw error;
      });
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#courtesies.close(), this.#answers?.close()]);
  }

  #pool(maxConnections: number): HttpPool {
    const { url, tls, via } = this.#target;
    return new HttpPool({
      origin: url,
      maxConnections,
      ...(tls === undefined ? {} : { tls }),
      ...(via === undefined ? {} : { via }),
    });
  }

  async #send(
    pool: HttpPool,
    { method, path, sessionId, body }: SideRequest,
    timeoutMs: number,
  ): Promise<number> {
    const answer = await pool.request({
      method,
      path,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': this.#target.protocolVersion,
        ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
        ...this.#headers,
      },
      timeoutMs,
      ...(body === undefined ? {} : { body }),
    });
    await answer.text();
    return answer.status;
  }
}
