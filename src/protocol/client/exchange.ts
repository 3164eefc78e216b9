import type { JsonObject } from '../../core/json.js';
import type { Progress, RequestId } from '../types.js';

/** One request on its way: what a link sends, and where its end is told. */
export class Exchange {
  readonly id: RequestId;
  readonly method: string;
  /** As sent, `_meta` included. */
  readonly params: JsonObject;
  /** Of the tool that is called, for `Mcp-Param-…`. */
  readonly inputSchema: JsonObject | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly promise: Promise<JsonObject>;
  /** Its stream was resumed; some servers then send what belongs to other requests too. */
  resumed = false;
  /** What came on its stream and was no JSON. */
  garbage: string | undefined;
  /** Noise on the connection when the request was sent. */
  noiseBefore = 0;
  #resolve!: (result: JsonObject) => void;
  #reject!: (error: unknown) => void;
  #settled = false;
  #controller: AbortController | undefined;
  #abandoned: { reason: unknown } | undefined;

  constructor(request: {
    id: RequestId;
    method: string;
    params: JsonObject;
    inputSchema?: JsonObject | undefined;
    onProgress?: ((progress: Progress) => void) | undefined;
  }) {
    this.id = request.id;
    this.method = request.method;
    this.params = request.params;
    this.inputSchema = request.inputSchema;
    this.onProgress = request.onProgress;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get message(): JsonObject {
    return { jsonrpc: '2.0', id: this.id, method: this.method, params: this.params };
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Aborted when the request is given up: nothing more is wanted of it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abandoned !== undefined) this.#controller.abort(this.#abandoned.reason);
    }
    return this.#controller.signal;
  }

  resolve(result: JsonObject): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#resolve(result);
  }

  reject(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
  }

  /** Gives the request up: whoever sends or reads for it stops. */
  abandon(reason: unknown): void {
    if (this.#settled) return;
    this.reject(reason);
    this.#abandoned = { reason };
    this.#controller?.abort(reason);
  }
}
