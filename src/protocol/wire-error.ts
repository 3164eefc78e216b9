import type { Json } from '../core/json.js';
import type { FailureClass } from '../core/outcome.js';

/** What a {@link WireError} carries besides its message. */
export interface WireErrorOptions {
  outcome: FailureClass;
  /** The JSON-RPC error code. */
  rpcCode?: number | undefined;
  /** The `data` of the JSON-RPC error. */
  data?: Json | undefined;
  /** The HTTP status. */
  status?: number | undefined;
  /** The beginning of what the server answered, at most 2 kB; hostile text. */
  response?: string | undefined;
  cause?: unknown;
}

/** Every request that fails rejects with this; `outcome` is the class that a load counts it by. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly outcome: FailureClass;
  readonly rpcCode: number | undefined;
  readonly data: Json | undefined;
  readonly status: number | undefined;
  readonly response: string | undefined;

  constructor(message: string, options: WireErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.outcome = options.outcome;
    this.rpcCode = options.rpcCode;
    this.data = options.data;
    this.status = options.status;
    this.response = options.response;
  }
}
