import type { JsonObject } from '../../../core/json.js';
import { Duplex } from '../../server/duplex.js';
import type { McpServer } from '../../server/mcp-server.js';
import { WireError } from '../../wire-error.js';
import type { Exchange } from '../exchange.js';
import type { Link, LinkEvents } from '../link.js';

/** A server in this process: messages are handed over as they are, in a later microtask. */
export class InProcessLink implements Link {
  readonly kind = 'in-process';
  readonly sessionId = undefined;
  readonly dropCancels = false;
  events!: LinkEvents;
  readonly #duplex: Duplex;
  #closed = false;

  constructor(server: McpServer) {
    this.#duplex = new Duplex(server, (message) => {
      queueMicrotask(() => {
        if (!this.#closed) this.events.message(message);
      });
    });
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  agree(): void {
    // Nothing between the two names a version.
  }

  send(exchange: Exchange): Promise<void> {
    return this.post(exchange.message);
  }

  post(message: JsonObject): Promise<void> {
    if (this.#closed) {
      return Promise.reject(new WireError('the connection is closed', { outcome: 'transport' }));
    }
    queueMicrotask(() => {
      this.#duplex.receive(message);
    });
    return Promise.resolve();
  }

  listen(): Promise<void> {
    // Everything arrives anyway.
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#duplex.end('the client closed the connection');
    }
    return Promise.resolve();
  }
}
