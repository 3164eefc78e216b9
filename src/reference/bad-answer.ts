import type { JsonObject } from '../core/index.js';
import { RpcError, rpcCodes, WireFault, type CallToolResult } from '../protocol/index.js';
import type { BadOutcome } from './knobs/knobs.js';

/** 429 with Retry-After. */
export const throttled = new WireFault({
  kind: 'status',
  status: 429,
  headers: { 'Retry-After': '1' },
  body: 'made to throttle\n',
});

/**
 * Turns a good result into the bad outcome.
 *
 * @throws RpcError or WireFault for the outcomes that are no result.
 */
export function badAnswer(outcome: Exclude<BadOutcome, 'hang'>, good: CallToolResult): CallToolResult {
  const result = good as unknown as JsonObject;
  switch (outcome) {
    case 'tool':
      return { isError: true, content: [{ type: 'text', text: 'The inventory was made to fail' }] };
    case 'schema':
      return { ...good, structuredContent: { made: 'to break the outputSchema' } };
    case 'rpc':
      throw new RpcError(rpcCodes.internal, 'The inventory was made to fail');
    case 'http':
      throw new WireFault({ kind: 'status', status: 500, body: 'made to fail\n' });
    case 'throttle':
      throw throttled;
    case 'garbage':
      throw new WireFault({ kind: 'text', text: 'this is {not JSON' });
    case 'wrong-id':
      throw new WireFault({ kind: 'id', id: 'nobody-sent-this-id', result });
    case 'close':
      throw new WireFault({ kind: 'close', result });
  }
}
