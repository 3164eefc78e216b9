import { HttpAnswer } from './http-answer.js';
import { HttpConnection } from './http-connection.js';
import { HttpError } from './http-error.js';
import { originOf, type HttpOrigin, type TlsOptions, type Via } from './origin.js';
import { defaultHttpLimits, type HttpLimits } from './response-parser.js';
import type { ResponseHead } from './response-head.js';

/** Settings of a pool. */
export interface HttpPoolOptions {
  origin: URL | string;
  /** Connections at once; further requests wait. 256 by default, since held streams occupy one each. */
  maxConnections?: number;
  limits?: Partial<HttpLimits>;
  /** ms; 10 s by default. */
  connectTimeoutMs?: number;
  tls?: TlsOptions;
  /** Connect here in place of the origin. */
  via?: Via;
  /** How long an idle connection is used again, ms. 4 s by default: Node's servers close theirs after 5 s. */
  keepAliveMs?: number;
}

/** One request. Host and Content-Length are added. */
export interface HttpRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Time until the head of the answer must have arrived, ms; none by default. */
  timeoutMs?: number;
  /** Ends the exchange at any time, in the middle of the body too. */
  signal?: AbortSignal;
}

interface Idle {
  link: Link;
  since: number;
}

/**
 * HTTP/1.1 requests to one origin over kept-alive connections: our own small client for everything but the load itself,
 * which uses {@link HttpConnection} directly. Nothing is retried and no redirect followed: callers see what happened.
 */
export class HttpPool {
  readonly #origin: HttpOrigin;
  readonly #options: HttpPoolOptions;
  readonly #limits: HttpLimits;
  readonly #idle: Idle[] = [];
  readonly #links = new Set<Link>();
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(options: HttpPoolOptions) {
    this.#origin = originOf(options.origin, options.via);
    this.#options = options;
    this.#limits = { ...defaultHttpLimits, ...options.limits };
  }

  /** Open connections, idle ones included. */
  get connections(): number {
    return this.#links.size;
  }

  /** Whether a request sent now would go over a connection that is open and unused. */
  get hasIdle(): boolean {
    const keepAlive = this.#options.keepAliveMs ?? 4000;
    return this.#idle.some(({ since }) => performance.now() - since < keepAlive);
  }

  /**
   * Sends a request; resolves with the head of the answer.
   *
   * @throws HttpError (connect, transport, timeout, parse); the signal's reason when aborted.
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    for (const [name, value] of Object.entries(request.headers)) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
        throw new HttpError(
          'transport',
          `the header '${name}' cannot be sent: it holds characters that HTTP forbids`,
        );
      }
    }
    const link = await this.#acquire(request.signal);
    if (request.signal?.aborted === true) {
      link.connection.destroy();
      throw request.signal.reason;
    }
    return await link.exchange(request);
  }

  /** Closes every connection; requests under way fail. */
  close(): Promise<void> {
    this.#closed = true;
    for (const link of [...this.#links])
      link.connection.destroy(new HttpError('transport', 'the client was closed'));
    for (const wake of this.#waiting.splice(0)) wake();
    return Promise.resolve();
  }

  async #acquire(signal: AbortSignal | undefined): Promise<Link> {
    for (;;) {
      if (this.#closed) throw new HttpError('transport', 'the client is closed');
      signal?.throwIfAborted();
      const keepAlive = this.#options.keepAliveMs ?? 4000;
      for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
        if (performance.now() - idle.since < keepAlive) {
          idle.link.connection.setIdle(false);
          return idle.link;
        }
        idle.link.connection.destroy();
      }
      if (this.#links.size < (this.#options.maxConnections ?? 256)) return this.#open();
      await this.#wait(signal);
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(wake);
    });
  }

  #open(): Link {
    const link: Link = new Link(this.#origin, this.#limits, this.#options, (event) => {
      if (event === 'closed') {
        this.#links.delete(link);
        const index = this.#idle.findIndex((idle) => idle.link === link);
        if (index !== -1) this.#idle.splice(index, 1);
      } else if (!this.#closed) {
        link.connection.setIdle(true);
        this.#idle.push({ link, since: performance.now() });
      }
      this.#waiting.shift()?.();
    });
    this.#links.add(link);
    return link;
  }
}

/** One connection of a pool and the exchange that it carries. */
class Link {
  readonly connection: HttpConnection;
  readonly #origin: HttpOrigin;
  #answer: HttpAnswer | undefined;
  #resolve: ((answer: HttpAnswer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #release: (() => void) | undefined;
  #pending: (() => void) | undefined;

  constructor(
    origin: HttpOrigin,
    limits: HttpLimits,
    options: HttpPoolOptions,
    notify: (event: 'free' | 'closed') => void,
  ) {
    this.#origin = origin;
    this.connection = new HttpConnection(
      origin,
      {
        onOpen: () => {
          this.#pending?.();
          this.#pending = undefined;
        },
        onHead: (head) => {
          this.#head(head);
        },
        onBody: (bytes, start, end) => this.#answer?.push(Buffer.from(bytes.subarray(start, end))),
        onEnd: (reusable) => {
          this.#answer?.end();
          this.#done();
          if (reusable) notify('free');
          else this.connection.destroy();
        },
        onClose: (error) => {
          this.#fail(error ?? new HttpError('transport', 'the connection was closed'));
          notify('closed');
        },
      },
      { limits, tls: options.tls, connectTimeoutMs: options.connectTimeoutMs },
    );
  }

  exchange(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const { signal, timeoutMs } = request;
      const abort = () => {
        this.#reject?.(signal!.reason as Error);
        this.#reject = undefined;
        this.connection.destroy(new HttpError('transport', 'the call was cancelled'));
      };
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.connection.destroy(new HttpError('timeout', `no answer within ${timeoutMs} ms`));
            }, timeoutMs);
      signal?.addEventListener('abort', abort, { once: true });
      this.#release = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const clearTimer = () => {
        clearTimeout(timer);
      };
      this.#onHead = clearTimer;
      if (this.connection.state === 'open') this.#send(request);
      else if (this.connection.state === 'connecting') {
        this.#pending = () => {
          this.#send(request);
        };
      } else this.#fail(new HttpError('transport', 'the connection was closed'));
    });
  }

  #onHead: (() => void) | undefined;

  #send(request: HttpRequest): void {
    let head = `${request.method} ${request.path} HTTP/1.1\r\nHost: ${this.#origin.hostHeader}\r\n`;
    for (const [name, value] of Object.entries(request.headers)) head += `${name}: ${value}\r\n`;
    const { body } = request;
    if (body !== undefined || request.method === 'POST') {
      head += `Content-Length: ${body === undefined ? 0 : Buffer.byteLength(body)}\r\n`;
    }
    if (typeof body === 'object') this.connection.send(`${head}\r\n`, 'latin1', body);
    else if (body === undefined) this.connection.send(`${head}\r\n`, 'latin1');
    else this.connection.send(`${head}\r\n`, 'latin1', Buffer.from(body));
  }

  #head(head: ResponseHead): void {
    this.#onHead?.();
    this.#answer = new HttpAnswer(head, {
      pause: () => {
        this.connection.pause();
      },
      resume: () => {
        this.connection.resume();
      },
      cancel: () => {
        this.connection.destroy(new HttpError('transport', 'the call was cancelled'));
      },
    });
    this.#reject = undefined;
    this.#resolve?.(this.#answer);
  }

  #done(): void {
    this.#release?.();
    this.#release = undefined;
    this.#answer = undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
  }

  #fail(error: HttpError): void {
    this.#pending = undefined;
    this.#answer?.end(error);
    this.#reject?.(error);
    this.#done();
  }
}
