import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { LoadDialect } from '../load-target.js';
import type { ServerMessage } from './answer-checker.js';

/**
 * The answer to a request of the server, as JSON: the plan's, an empty one to `ping`, or a refusal with -32601, since a
 * request without an answer holds up the call that it belongs to. Undefined for notifications.
 */
export function answerTo(message: ServerMessage, dialect: LoadDialect): string | undefined {
  if (message.id === undefined) return undefined;
  const { id, method } = message;
  const result = method === 'ping' ? {} : dialect.answers?.[method];
  return result === undefined ? refusal(id, method) : JSON.stringify({ jsonrpc: '2.0', id, result });
}

function refusal(id: string | number, method: string): string {
  const error = { code: -32601, message: `mcp-dyno has no answer to ${method} in its plan` };
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

/** The result of a JSON-RPC answer, or a sentence about what it is instead. */
export function resultOf(text: string): { result: JsonObject } | { fault: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { fault: text === '' ? 'an empty answer' : 'an answer that is not JSON' };
  }
  if (!isJsonObject(answer)) return { fault: 'an answer that is no JSON-RPC message' };
  const { error, result } = answer;
  if (isJsonObject(error))
    return { fault: `JSON-RPC error ${String(error['code'])}: ${String(error['message'])}` };
  return isJsonObject(result) ? { result } : { fault: 'an answer without a result' };
}
