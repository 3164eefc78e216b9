import { WireError } from '../../protocol/index.js';

/** What a call said of the replica and the tool that answered it. */
export type CallVerdict =
  /** It answered as it should. */
  | 'ok'
  /** It answered, and said no: `isError`, or a request that it did not accept. No fault of its health. */
  | 'refused'
  /** It is asked too much (429, or 503 with Retry-After): slower, not broken. */
  | 'throttled'
  /** It failed: an internal error, a 5xx, garbage, or no answer in time. */
  | 'failed'
  /** It cannot be reached: no connection, or one that broke. */
  | 'unreachable'
  /** The caller no longer wanted it. */
  | 'cancelled';

/** JSON-RPC errors that say what is wrong with the request, not with the server (JSON-RPC 2.0, section 5.1; MCP). */
const requestFaults = new Set([-32600, -32601, -32602, -32002, -32020, -32021, -32022, -32042]);

/** What a failed call says. Anything that is no {@link WireError} counts as failed. */
export function verdictOf(error: unknown): Exclude<CallVerdict, 'ok'> {
  if (!(error instanceof WireError)) return 'failed';
  switch (error.outcome) {
    case 'connect':
    case 'transport':
      return 'unreachable';
    case 'throttled':
      return 'throttled';
    case 'tool':
    case 'schema':
      return 'refused';
    case 'rpc':
      return error.rpcCode !== undefined && requestFaults.has(error.rpcCode) ? 'refused' : 'failed';
    case 'http':
      return error.status !== undefined && error.status < 500 && error.status !== 408 ? 'refused' : 'failed';
    default:
      return 'failed';
  }
}
