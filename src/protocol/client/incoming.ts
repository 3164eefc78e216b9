import { messageOf } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { rpcCodes, RpcError } from '../server/rpc-error.js';
import type { RequestHandler, RequestId } from '../types.js';

/** Answers what the server asks; every request gets an answer, else the server's own call would hang. */
export class IncomingRequests {
  readonly #handler: RequestHandler | undefined;
  readonly #post: (message: JsonObject) => Promise<void>;
  readonly #running = new Map<RequestId, AbortController>();

  constructor(handler: RequestHandler | undefined, post: (message: JsonObject) => Promise<void>) {
    this.#handler = handler;
    this.#post = post;
  }

  /** Answers one request. */
  async answer(id: RequestId, method: string, params: JsonObject): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const outcome = await this.run(method, params, controller.signal).then(
      (result) => ({ result }),
      (thrown: unknown) => ({ error: errorObject(thrown) }),
    );
    this.#running.delete(id);
    // A cancelled request is not answered (2025-11-25, "Cancellation").
    if (controller.signal.aborted) return;
    // A server that does not take the answer notices by itself; its call ends in its own time limit.
    await this.#post({ jsonrpc: '2.0', id, ...outcome }).catch(() => undefined);
  }

  /** The handler's result, for requests that came as messages and for those of an `input_required` alike. */
  async run(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    if (method === 'ping') return {};
    if (this.#handler === undefined) {
      throw new RpcError(rpcCodes.methodNotFound, `Method not found: this client does not answer ${method}`);
    }
    return await this.#handler(method, params, { signal });
  }

  get hasHandler(): boolean {
    return this.#handler !== undefined;
  }

  cancel(id: RequestId): void {
    this.#running.get(id)?.abort(new Error('the server cancelled the request'));
  }

  end(): void {
    for (const controller of this.#running.values()) controller.abort(new Error('the connection ended'));
    this.#running.clear();
  }
}

function errorObject(thrown: unknown): JsonObject {
  // WireError has rpcCode, RpcError has code: a handler may pass on what another server answered.
  const { code, rpcCode, data } = thrown as { code?: unknown; rpcCode?: unknown; data?: JsonObject };
  const number = [code, rpcCode].find((value) => Number.isInteger(value)) as number | undefined;
  return {
    code: number ?? rpcCodes.internal,
    message: messageOf(thrown),
    ...(data !== undefined && { data }),
  };
}
