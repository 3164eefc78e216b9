import { WireError, type McpConnection, type RequestId } from '../../protocol/index.js';
import type { JsonObject } from '../../core/json.js';

/** How a call that may be cancelled goes on the wire. */
export interface CallRequest {
  method: string;
  params: JsonObject;
}

/** What was seen of a call after it was cancelled. */
export interface AfterCancel {
  /** A result came all the same. */
  answered: boolean;
  /** A JSON-RPC error came: an answer, too. */
  error: string | undefined;
  /** Reports of progress later than could have been on their way. */
  progress: number;
}

/** Whether cancelling a call closes the stream on which an answer would come, so that none can be seen. */
export function closesStream(connection: McpConnection): boolean {
  return connection.era === 'stateless' && connection.transport === 'http';
}

/**
 * A call that can be cancelled as the specification says: over streamable HTTP of the stateless era by closing its stream, else
 * by `notifications/cancelled`, after which it is still listened for an answer.
 */
export class CancellableCall {
  readonly #connection: McpConnection;
  readonly #end = new AbortController();
  readonly #done: Promise<void>;
  #id: RequestId | undefined;
  #cancelledAt = Infinity;
  #readAt = Infinity;
  #settledAt = Infinity;
  #answered = false;
  #fault: unknown;
  readonly #progressAt: number[] = [];

  /** @param timeoutMs how long the call may take. */
  constructor(
    connection: McpConnection,
    { method, params }: CallRequest,
    timeoutMs: number,
    stop: AbortSignal,
  ) {
    this.#connection = connection;
    const signal = AbortSignal.any([this.#end.signal, stop]);
    const settled = () => {
      this.#settledAt = performance.now();
    };
    this.#done = connection
      .request(method, params, {
        timeoutMs,
        signal,
        onId: (id) => {
          this.#id = id;
        },
        onProgress: () => this.#progressAt.push(performance.now()),
      })
      .then(
        () => {
          this.#answered = true;
        },
        (error: unknown) => {
          this.#fault = error;
        },
      )
      .finally(settled);
  }

  /** Resolves when the call has ended, well or badly. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** What it failed with; undefined where it was answered or is under way. */
  get fault(): unknown {
    return this.#fault;
  }

  /** It came to its end before it was cancelled. */
  get wasOver(): boolean {
    return this.#settledAt < this.#cancelledAt;
  }

  /** Cancels it; resolves when the server is known to have read that. */
  async cancel(): Promise<void> {
    this.#cancelledAt = performance.now();
    if (this.#settledAt < Infinity) return;
    if (closesStream(this.#connection)) {
      this.#end.abort(new Error('cancelled'));
      this.#readAt = performance.now();
      return;
    }
    const reason = 'mcp-dyno looks what becomes of a cancelled call';
    try {
      await this.#connection.notify('notifications/cancelled', { requestId: this.#id!, reason });
      // Over HTTP the notification has an answer of its own; on a pipe what is asked next comes after it.
      if (this.#connection.transport !== 'http') await this.#connection.ping({ signal: this.#end.signal });
      this.#readAt = performance.now();
    } catch {
      // A notification that is refused, or a call that nobody listens for any more: the server has not read it.
    }
  }

  /** Listens no longer. */
  async end(): Promise<void> {
    this.#end.abort(new Error('no longer wanted'));
    await this.#done;
  }

  /**
   * What came after the server had read that it was cancelled.
   *
   * @param graceMs what came within it may have been on its way already.
   */
  after(graceMs: number): AfterCancel {
    const from = this.#readAt + graceMs;
    const late = this.#settledAt >= from;
    const isRpc = this.#fault instanceof WireError && this.#fault.rpcCode !== undefined;
    return {
      answered: late && this.#answered,
      error: isRpc ? (this.#fault as WireError).message : undefined,
      progress: this.#progressAt.filter((at) => at >= from).length,
    };
  }
}
