import type { ServerCall } from './call.js';
import type { McpServer } from './mcp-server.js';
import { rpcCodes, RpcError } from './rpc-error.js';

/**
 * One page of a list. The cursor is the key of the last item before the page, so that items registered or removed
 * meanwhile neither repeat nor hide others.
 *
 * @internal
 */
export function page(
  server: McpServer,
  call: ServerCall,
  member: string,
  items: ReadonlyMap<string, { listed: object }>,
): object {
  const { cursor } = call.params;
  const size = server.options.pageSize;
  if (cursor === undefined && (size === undefined || items.size <= size)) {
    return { [member]: Array.from(items.values(), (item) => item.listed) };
  }
  const keys = [...items.keys()];
  const start = cursor === undefined ? 0 : startAfter(keys, cursor);
  const end = Math.min(keys.length, start + (size ?? keys.length));
  return {
    [member]: keys.slice(start, end).map((key) => items.get(key)!.listed),
    ...(end < keys.length && { nextCursor: Buffer.from(`${end}:${keys[end - 1]!}`).toString('base64url') }),
  };
}

function startAfter(keys: readonly string[], cursor: unknown): number {
  const match = typeof cursor === 'string' ? /^(\d+):(.*)$/s.exec(fromBase64(cursor)) : null;
  if (match === null) throw new RpcError(rpcCodes.invalidParams, 'Invalid params: unknown cursor');
  const index = keys.indexOf(match[2]!);
  return index === -1 ? Math.min(Number(match[1]), keys.length) : index + 1;
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64url').toString();
}
