import { originOf, type HttpOrigin } from '../../protocol/http/index.js';
import { requestHeaders } from '../../protocol/message/request-headers.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import type { LoadTarget } from '../load-target.js';
import { unprepared, type CallTemplate } from './call-template.js';

type HttpTarget = Extract<LoadTarget, { kind: 'http' | 'sse' }>;

/**
 * Makes the bytes of HTTP requests: what never changes is put together once, so that a call joins four strings.
 */
export class HttpRequests {
  readonly origin: HttpOrigin;
  /** Path and query of the endpoint. */
  readonly path: string;
  /** Grows with every {@link HttpRequests.authorize}: what was made of an older one carries an older token. */
  version = 0;
  readonly #headers: Map<string, string>;
  #common: string;
  readonly #heads: readonly (readonly string[])[];
  readonly #headOf: (template: CallTemplate) => string;

  constructor(
    target: HttpTarget,
    operations: readonly OperationPlan[],
    templates: readonly (readonly CallTemplate[])[],
    path?: string,
  ) {
    const url = new URL(target.url);
    this.origin = originOf(url, target.via);
    this.path = path ?? url.pathname + url.search;
    const headers = (this.#headers = new Map(
      Object.entries(requestHeaders('session', target.protocolVersion, undefined, '')),
    ));
    for (const [name, value] of Object.entries(target.headers)) headers.set(name.toLowerCase(), value);
    this.#common = this.#commonLines();
    this.#headOf = (template) => {
      const extra = callHeaders(target, operations[template.operation]!, template, headers);
      return `${extra}content-length: ${template.bytes}\r\n\r\n${template.prefix}`;
    };
    this.#heads = templates.map((variants) => variants.map(this.#headOf));
  }

  /** From now on requests carry this Authorization header. */
  authorize(value: string): void {
    this.#headers.set('authorization', value);
    this.#common = this.#commonLines();
    this.version++;
  }

  #commonLines(): string {
    const lines = [...this.#headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return `Host: ${this.origin.hostHeader}\r\n${lines}`;
  }

  /** Everything up to the headers that belong to one request. */
  sessionHead(sessionId: string | undefined): string {
    const session = sessionId === undefined ? '' : `mcp-session-id: ${sessionId}\r\n`;
    return `POST ${this.path} HTTP/1.1\r\n${this.#common}${session}`;
  }

  /** The rest of the head of a call, and its body up to the id. */
  callHead(template: CallTemplate): string {
    return template.variant === unprepared
      ? this.#headOf(template)
      : this.#heads[template.operation]![template.variant]!;
  }

  /** A whole request with this JSON body. */
  post(sessionId: string | undefined, body: string, extra = ''): string {
    return `${this.sessionHead(sessionId)}${extra}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  }

  /** A whole request without a body; GET asks for a stream. */
  bodiless(method: 'GET' | 'DELETE', sessionId: string | undefined): string {
    const session = sessionId === undefined ? '' : `mcp-session-id: ${sessionId}\r\n`;
    const common =
      method === 'GET' ? this.#common.replace(/accept: [^\r]*/, 'accept: text/event-stream') : this.#common;
    return `${method} ${this.path} HTTP/1.1\r\n${common}${session}\r\n`;
  }
}

/** The header lines of one call, besides those that all calls have. */
function callHeaders(
  target: HttpTarget,
  operation: OperationPlan,
  template: CallTemplate,
  common: ReadonlyMap<string, string>,
): string {
  const { era, protocolVersion } = target;
  const { method, inputSchema } = operation;
  const headers = requestHeaders(era, protocolVersion, undefined, method, template.params, inputSchema);
  return Object.entries(headers)
    .filter(([name]) => !common.has(name))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
