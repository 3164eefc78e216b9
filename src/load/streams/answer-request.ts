/**
 * The answer to a request that a server sends on a held stream: an empty one to `ping`, which servers use to see whether
 * the stream is alive; anything else is refused with -32601, as it belongs to no call.
 */
export function answerRequest(id: string | number, method: string): string {
  const answer =
    method === 'ping'
      ? { result: {} }
      : { error: { code: -32601, message: `mcp-dyno answers no ${method} on a stream that it holds` } };
  return JSON.stringify({ jsonrpc: '2.0', id, ...answer });
}
