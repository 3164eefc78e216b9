import type { LoadDialect } from '../load-target.js';
import { clientInfo, initializeParams, requestMeta } from './client-identity.js';

/** The requests that a load thread sends besides calls, as JSON. */
export const sessionMessages = {
  initialize: (dialect: LoadDialect) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initializeParams(dialect) }),
  initialized: () => JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
  discover: (dialect: LoadDialect) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'server/discover',
      params: { _meta: requestMeta(dialect) },
    }),
  cancelled: (requestId: number) =>
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId, reason: `${clientInfo.name}: timeout` },
    }),
};

/**
 * A session over HTTP as lanes share it: its id, whether it is open, and who waits for it. In the stateless era, and with
 * servers that give no id, it is open for ever.
 */
export class HttpSession {
  /** The `Mcp-Session-Id`; undefined before it is opened, and where the server gives none. */
  id: string | undefined;
  state: 'closed' | 'opening' | 'open';
  readonly #waiting: ((error?: string) => void)[] = [];

  constructor(stateless: boolean) {
    this.state = stateless ? 'open' : 'closed';
  }

  /** Calls back when the session is open, or with what went wrong. */
  whenOpen(callback: (error?: string) => void): void {
    this.#waiting.push(callback);
  }

  /** The handshake is done. */
  opened(id: string | undefined): void {
    this.id = id;
    this.state = 'open';
    this.#settle();
  }

  /** The handshake has failed. */
  failed(error: string): void {
    this.state = 'closed';
    this.#settle(error);
  }

  /** The server no longer knows `id`; the first to say so makes it closed, so that one opens it anew. */
  expired(id: string | undefined): void {
    if (this.state === 'open' && this.id === id) {
      this.state = 'closed';
      this.id = undefined;
    }
  }

  #settle(error?: string): void {
    for (const callback of this.#waiting.splice(0)) callback(error);
  }
}
