import { isJsonObject, type JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { WireError, type McpConnection } from '../../protocol/index.js';

/** The JSON-RPC error of arguments that do not fit. */
const invalidParams = -32602;

/** What a server made of arguments that its schema forbids. */
export type Reaction =
  /** `isError` or the JSON-RPC error -32602: as it should be. */
  | { kind: 'refused' }
  | { kind: 'accepted' }
  /** Neither accepted nor refused as the protocol says: another error. */
  | { kind: 'otherwise'; said: string }
  /** The connection ended in the call. */
  | { kind: 'crash'; said: string }
  /** No answer in time. */
  | { kind: 'hang'; said: string };

/** Makes one call with arguments of any kind. */
export async function tryArguments(
  connection: McpConnection,
  tool: string,
  args: JsonObject,
  timeoutMs: number,
): Promise<Reaction> {
  try {
    const result = await connection.callTool(tool, args, { timeoutMs });
    return { kind: result.isError === true ? 'refused' : 'accepted' };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return reactionTo(error);
  }
}

function reactionTo(error: WireError): Reaction {
  const said = printableLine(error.message, 160);
  switch (error.outcome) {
    case 'timeout':
      return { kind: 'hang', said };
    case 'transport':
    case 'connect':
      return { kind: 'crash', said };
    // The result is there, and breaks another schema.
    case 'schema':
      return { kind: 'accepted' };
    default:
      return error.rpcCode === invalidParams || saysInvalidParams(error.response)
        ? { kind: 'refused' }
        : { kind: 'otherwise', said };
  }
}

function saysInvalidParams(response: string | undefined): boolean {
  try {
    const answer: unknown = JSON.parse(response ?? '');
    return isJsonObject(answer) && isJsonObject(answer['error']) && answer['error']['code'] === invalidParams;
  } catch {
    return false;
  }
}
