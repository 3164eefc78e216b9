import { connect as connectTcp, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate } from 'node:tls';
import { FramingError } from '../framing/framing-error.js';
import { HttpError } from './http-error.js';
import type { HttpOrigin, TlsOptions } from './origin.js';
import { defaultHttpLimits, ResponseParser, type HttpLimits, type ResponseSink } from './response-parser.js';

/** What a connection calls back. */
export interface ConnectionEvents extends ResponseSink {
  onOpen(): void;
  /** The connection is gone; comes exactly once. `error` is undefined where it closed between two exchanges. */
  onClose(error: HttpError | undefined): void;
}

/** Settings of one connection. */
export interface ConnectionOptions {
  limits?: HttpLimits;
  tls?: TlsOptions | undefined;
  /** Time until TCP and TLS must be up, ms; 10 s by default. */
  connectTimeoutMs?: number | undefined;
}

/**
 * All plain connections of a thread read into this buffer, one after the other: the parser takes what it needs before
 * the read callback returns. So an open connection costs no read buffer, and a read allocates nothing.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One HTTP/1.1 connection on `node:net` or `node:tls`, carrying one exchange at a time. It adds nothing to the bytes
 * given to {@link HttpConnection.send} and calls back as the answer arrives; made for the load path, where an exchange
 * may not allocate. Whoever owns it keeps the order: send, await `onEnd`, send again.
 */
export class HttpConnection {
  readonly #events: ConnectionEvents;
  readonly #parser: ResponseParser;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #error: HttpError | undefined;
  #awaiting = false;
  /** When the bytes that are being called back for had been read, ms of `performance.now()`: parsing is not the server's time. */
  readMs = 0;

  constructor(origin: HttpOrigin, events: ConnectionEvents, options: ConnectionOptions = {}) {
    this.#events = events;
    this.#parser = new ResponseParser(
      {
        // What is left in a chunk after the owner has destroyed the connection is nobody's.
        onHead: (head) => {
          if (this.#state !== 'closed') events.onHead(head);
        },
        onBody: (bytes, start, end) => {
          if (this.#state !== 'closed') events.onBody(bytes, start, end);
        },
        onEnd: (reusable) => {
          if (this.#state === 'closed') return;
          this.#awaiting = false;
          events.onEnd(reusable);
        },
      },
      options.limits ?? defaultHttpLimits,
    );
    const { host, port } = origin.via ?? origin;
    const address = { host, port };
    if (origin.secure) {
      this.#socket = connectTls({
        servername: serverName(origin.host),
        // Without a server name Node would compare the certificate with the address that is dialled.
        ...(origin.via === undefined
          ? {}
          : {
              checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
                checkServerIdentity(origin.host, certificate),
            }),
        ...options.tls,
        ...address,
      });
      this.#socket.on('data', (chunk: Buffer) => {
        this.#read(chunk, chunk.length);
      });
      this.#socket.once('secureConnect', this.#opened);
    } else {
      this.#socket = connectTcp({
        ...address,
        onread: {
          buffer: readBuffer,
          callback: (count, buffer) => {
            this.#read(buffer as Buffer, count);
            return true;
          },
        },
      });
      this.#socket.once('connect', this.#opened);
    }
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => {
      this.#error ??= this.#describe(error);
    });
    this.#socket.once('end', this.#ended);
    this.#socket.once('close', this.#closed);
    const limit = options.connectTimeoutMs ?? 10_000;
    this.#timer = setTimeout(() => {
      this.#fail(new HttpError('connect', `no connection to ${origin.hostHeader} within ${limit} ms`));
    }, limit);
  }

  get state(): 'connecting' | 'open' | 'closed' {
    return this.#state;
  }

  /** Sends a complete request, in one write where it is one string. */
  send(request: string, encoding: 'latin1' | 'utf8' = 'utf8', body?: Buffer): void {
    this.#awaiting = true;
    if (body === undefined) {
      this.#socket.write(request, encoding);
      return;
    }
    this.#socket.cork();
    this.#socket.write(request, encoding);
    this.#socket.write(body);
    this.#socket.uncork();
  }

  /** Stops reading, so that the peer feels back-pressure. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume();
  }

  /** An idle connection does not keep the process alive. */
  setIdle(idle: boolean): void {
    if (idle) this.#socket.unref();
    else this.#socket.ref();
  }

  /** Closes at once; `onClose` follows with `error`. */
  destroy(error?: HttpError): void {
    this.#fail(error);
  }

  readonly #opened = (): void => {
    clearTimeout(this.#timer);
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#events.onOpen();
  };

  readonly #ended = (): void => {
    this.readMs = performance.now();
    // The parser may complete a body that lasts until close: then the exchange is whole.
    if (!this.#parser.close()) {
      this.#error ??= new HttpError('transport', 'the connection was closed in the middle of an answer');
    }
    this.#socket.destroy();
  };

  readonly #closed = (): void => {
    this.#finish();
  };

  #finish(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    const connecting = this.#state === 'connecting';
    this.#state = 'closed';
    if (this.#error === undefined && connecting) {
      this.#error = new HttpError('connect', 'the connection was closed before it was up');
    } else if (this.#error === undefined && this.#awaiting) {
      this.#error = new HttpError('transport', 'the connection was closed before the answer');
    }
    this.#events.onClose(this.#error);
  }

  #read(bytes: Buffer, count: number): void {
    if (this.#state === 'closed') return;
    this.readMs = performance.now();
    if (!this.#awaiting && this.#parser.idle) {
      this.#fail(new HttpError('parse', 'the server sent bytes that nobody asked for'));
      return;
    }
    try {
      this.#parser.push(bytes, 0, count);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#fail(new HttpError('parse', error.message));
    }
  }

  #fail(error: HttpError | undefined): void {
    this.#error ??= error;
    this.#socket.destroy();
    this.#finish();
  }

  #describe(error: NodeJS.ErrnoException): HttpError {
    const code = error.code ?? '';
    if (this.#state === 'connecting') return new HttpError('connect', connectMessage(error), error);
    if (code === 'ECONNRESET') return new HttpError('transport', 'the connection was reset', error);
    if (code === 'EPIPE') return new HttpError('transport', 'the connection was closed while sending', error);
    return new HttpError('transport', error.message, error);
  }
}

function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

function connectMessage(error: NodeJS.ErrnoException): string {
  // With several addresses Node wraps what happened at each of them.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  if (first.code === 'ECONNREFUSED') return 'connection refused';
  if (first.code === 'ENOTFOUND' || first.code === 'EAI_AGAIN') return 'the host name cannot be resolved';
  if (first.code === 'EMFILE') return 'no more file descriptors (raise `ulimit -n`)';
  if (first.code === 'EADDRNOTAVAIL') return 'no more local ports for this address';
  return first.message;
}
