import type { JsonObject } from '../../core/json.js';
import type { Era } from '../types.js';
import type { WireError } from '../wire-error.js';
import type { Exchange } from './exchange.js';

/** What a link tells the connection that it carries. */
export interface LinkEvents {
  /** A parsed message; with the exchange whose answer it came in, where the transport knows. */
  message(value: unknown, exchange?: Exchange): void;
  /** Bytes that are no message, such as logs on stdout. */
  noise(text: string): void;
  /** The link is gone; nothing more will come. Comes once, and not after `close`. */
  gone(error: WireError): void;
}

/** One way to carry messages to a server and back. */
export interface Link {
  readonly kind: 'http' | 'sse' | 'stdio' | 'in-process';
  readonly sessionId: string | undefined;
  /** Must be set before anything is sent. */
  events: LinkEvents;
  /** Whether giving an exchange up tells the server by itself, without a notification. */
  readonly dropCancels: boolean;
  /** Makes the link ready to send. @throws WireError */
  open(signal: AbortSignal): Promise<void>;
  /** What was negotiated, and is said in headers from now on; `version` is undefined before `initialize`. */
  agree(era: Era, version: string | undefined): void;
  /**
   * Sends a request. Resolves when it was sent, or (HTTP) when its answer came in; answers themselves arrive through
   * the events.
   *
   * @throws WireError, or SessionExpired, when no answer can come any more.
   */
  send(exchange: Exchange): Promise<void>;
  /** Sends a notification, or the answer to a server's request. @throws WireError */
  post(message: JsonObject): Promise<void>;
  /** Holds a stream open for what the server sends outside of calls, where the transport has such a thing. */
  listen(): Promise<void>;
  /** Ends everything, a session included; never rejects. */
  close(): Promise<void>;
}

/** The server no longer knows the session (streamable HTTP, session era). The request was not executed. */
export class SessionExpired extends Error {
  override readonly name = 'SessionExpired';
  readonly sessionId: string;
  /** What the request fails with if no new session can be opened. */
  readonly failure: WireError;

  constructor(sessionId: string, failure: WireError) {
    super(failure.message);
    this.sessionId = sessionId;
    this.failure = failure;
  }
}
