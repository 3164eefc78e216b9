import { messageOf } from '../../../core/errors.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { HttpPool } from '../../http/http-pool.js';
import { plain } from '../../message/classify-response.js';
import type { HttpEndpointOptions, WireLimits } from '../../types.js';
import { WireError } from '../../wire-error.js';

/** One HTTP request of a link. */
export interface LinkRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Replaces the endpoint's own path and query. */
  target?: string;
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
  /**
   * Whose connections it takes: those of calls are bounded; replies must get through while every call waits for one, and
   * else take a call's that is idle; streams last.
   */
  lane: 'calls' | 'replies' | 'streams';
  /** Names the request in errors. */
  what: string;
}

/** How much of a body that is only quoted in an error is read, bytes. */
const quoted = 64 * 1024;

/** The HTTP side of a link: connections by purpose, the user's headers, authorization, redirects within the origin. */
export class HttpRequests {
  readonly url: URL;
  readonly #options: HttpEndpointOptions;
  readonly #limits: WireLimits;
  readonly #maxConnections: number;
  readonly #pools = new Map<LinkRequest['lane'], HttpPool>();
  readonly #userHeaders: Record<string, string>;
  #target: string;
  #authorization: Promise<string | undefined> | undefined;
  #refreshed = 0;
  #closed = false;

  /** @throws WireError where the URL is none of http or https. */
  constructor(options: HttpEndpointOptions, limits: WireLimits, maxConnections: number) {
    this.#options = options;
    this.#limits = limits;
    this.#maxConnections = maxConnections;
    this.url = readUrl(options.url);
    this.#target = `${this.url.pathname}${this.url.search}`;
    this.#userHeaders = lowerCased(options.headers ?? {});
    if (this.url.username !== '') {
      const pair = `${decodeURIComponent(this.url.username)}:${decodeURIComponent(this.url.password)}`;
      this.#userHeaders['authorization'] ??= `Basic ${Buffer.from(pair).toString('base64')}`;
    }
  }

  /**
   * Sends a request; a 401 is answered once with a new authorization, a 307 or 308 within the origin is followed once.
   *
   * @throws HttpError, WireError, or the signal's reason.
   */
  async send(request: LinkRequest): Promise<HttpAnswer> {
    const refreshesBefore = this.#refreshed;
    let answer = await this.#sendOnce(request, request.target ?? this.#target);
    if (answer.status === 401 && this.#options.authorization !== undefined) {
      await this.discard(answer);
      this.#refresh(refreshesBefore, answer.headers.get('www-authenticate'));
      answer = await this.#sendOnce(request, request.target ?? this.#target);
    }
    if (answer.status !== 307 && answer.status !== 308) return answer;
    const location = answer.headers.get('location') ?? '';
    await this.discard(answer);
    const to = URL.canParse(location, this.url.href) ? new URL(location, this.url) : undefined;
    if (to?.origin !== this.url.origin) {
      // Headers may hold secrets that are meant for this origin only.
      throw new WireError(
        `${request.what} was redirected to '${plain(location, 200)}', which is another origin; use that URL if you trust it`,
        { outcome: 'http', status: answer.status },
      );
    }
    const target = `${to.pathname}${to.search}`;
    if (request.target === undefined) this.#target = target;
    return await this.#sendOnce(request, target);
  }

  /** The beginning of a body that is only quoted, such as an error page's; empty where it cannot be read. */
  async excerpt(answer: HttpAnswer): Promise<string> {
    let text = '';
    try {
      for await (const piece of answer.body()) {
        text += piece.toString('utf8');
        if (text.length > quoted) break;
      }
    } catch {
      // What was read until then must do.
    }
    return text;
  }

  /** Reads over a body, so that its connection can be used again. */
  async discard(answer: HttpAnswer): Promise<void> {
    await this.excerpt(answer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
    this.#pools.clear();
  }

  async #sendOnce(request: LinkRequest, target: string): Promise<HttpAnswer> {
    this.#authorization ??= this.#authorize({ refresh: false });
    const authorization = await this.#authorization;
    request.signal?.throwIfAborted();
    const headers = { ...this.#userHeaders, ...request.headers };
    if (authorization !== undefined) headers['authorization'] = authorization;
    return await this.#pool(this.#laneOf(request)).request({
      method: request.method,
      path: target,
      headers,
      ...(request.body !== undefined && { body: request.body }),
      ...(request.signal !== undefined && { signal: request.signal }),
    });
  }

  /** What is short and finds a call's connection unused needs none of its own: a session then holds one socket, not two. */
  #laneOf({ lane }: LinkRequest): LinkRequest['lane'] {
    return lane === 'replies' && this.#pools.get('calls')?.hasIdle === true ? 'calls' : lane;
  }

  async #authorize(reason: { refresh: boolean; challenge?: string }): Promise<string | undefined> {
    try {
      return await this.#options.authorization?.(reason);
    } catch (error) {
      throw new WireError(`no authorization: ${messageOf(error)}`, { outcome: 'http', cause: error });
    }
  }

  /** Asks for a new authorization, once for all requests that met the same 401. */
  #refresh(refreshesBefore: number, challenge: string | undefined): void {
    if (this.#refreshed !== refreshesBefore) return;
    this.#refreshed++;
    this.#authorization = this.#authorize({ refresh: true, ...(challenge !== undefined && { challenge }) });
  }

  #pool(lane: LinkRequest['lane']): HttpPool {
    if (this.#closed) throw new WireError('the connection is closed', { outcome: 'transport' });
    let pool = this.#pools.get(lane);
    if (pool === undefined) {
      const { tls, via } = this.#options;
      pool = new HttpPool({
        origin: this.url,
        maxConnections: lane === 'calls' ? this.#maxConnections : 1024,
        limits: { maxHeadBytes: this.#limits.maxHeaderBytes, maxBodyBytes: this.#limits.maxBodyBytes },
        ...(tls !== undefined && { tls }),
        ...(via !== undefined && { via }),
      });
      this.#pools.set(lane, pool);
    }
    return pool;
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new WireError(`Expected an http or https URL, got '${plain(text, 200)}'`, { outcome: 'connect' });
  }
  return url;
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
