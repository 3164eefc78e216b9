import { clientInfo, clientCapabilities } from '../lanes/client-identity.js';
import { HttpRequests } from '../lanes/http-requests.js';
import { sessionMessages } from '../lanes/http-session.js';
import type { LoadTarget } from '../load-target.js';
import { statelessMeta } from '../../protocol/message/request-meta.js';

type HttpTarget = Extract<LoadTarget, { kind: 'http' }>;

/** The requests that open a stream, as the bytes of HTTP. */
export class StreamRequests {
  readonly http: HttpRequests;
  readonly #target: HttpTarget;
  readonly #resources: readonly string[];
  #nextId = 2;

  /** @param resources to be subscribed to. */
  constructor(target: HttpTarget, resources: readonly string[]) {
    this.#target = target;
    this.#resources = resources;
    this.http = new HttpRequests(target, [], []);
  }

  initialize(): string {
    return this.http.post(undefined, sessionMessages.initialize(this.#target));
  }

  initialized(session: string | undefined): string {
    return this.http.post(session, sessionMessages.initialized());
  }

  subscribe(session: string | undefined, uri: string): string {
    const body = { jsonrpc: '2.0', id: this.#nextId++, method: 'resources/subscribe', params: { uri } };
    return this.http.post(session, JSON.stringify(body));
  }

  /** The request whose answer is the stream. */
  stream(session: string | undefined): string {
    if (this.#target.era === 'session') return this.http.bodiless('GET', session);
    const notifications = {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      ...(this.#resources.length > 0 && { resourceSubscriptions: [...this.#resources] }),
    };
    const { protocolVersion } = this.#target;
    const capabilities = clientCapabilities(this.#target);
    const _meta = statelessMeta({ protocolVersion, capabilities, clientInfo });
    const body = {
      jsonrpc: '2.0',
      id: this.#nextId++,
      method: 'subscriptions/listen',
      params: { notifications, _meta },
    };
    return this.http.post(undefined, JSON.stringify(body), 'mcp-method: subscriptions/listen\r\n');
  }
}
