import { isJsonObject } from '../../core/json.js';
import type { Outcome } from '../../core/outcome.js';
import type { RequestId } from '../types.js';

/**
 * What a parsed JSON value that should answer request `id` came to. Allocates nothing: the load path asks this for
 * every answer.
 *
 * ok · rpc (a JSON-RPC error) · tool (`isError: true`) · mismatch (another id, or a result that is not complete, such
 * as `input_required`) · parse (not JSON-RPC).
 */
export function classifyResponse(message: unknown, id: RequestId): Outcome {
  if (!isJsonObject(message) || message['jsonrpc'] !== '2.0') return 'parse';
  const result = message['result'];
  if (result === undefined) {
    if (!isJsonObject(message['error'])) return 'parse';
    const answered = message['id'];
    return answered === id || answered === null || answered === undefined ? 'rpc' : 'mismatch';
  }
  if (message['id'] !== id) return 'mismatch';
  if (!isJsonObject(result)) return 'parse';
  if (result['isError'] === true) return 'tool';
  const type = result['resultType'];
  return type === undefined || type === 'complete' ? 'ok' : 'mismatch';
}

/** What an HTTP status means for a call: 2xx ok; 429, and 503 with Retry-After, throttled; anything else http. */
export function classifyStatus(status: number, hasRetryAfter: boolean): 'ok' | 'http' | 'throttled' {
  if (status >= 200 && status < 300) return 'ok';
  return status === 429 || (status === 503 && hasRetryAfter) ? 'throttled' : 'http';
}

/**
 * What a whole HTTP answer came to. A status of 4xx or 5xx whose body is a JSON-RPC error that names the request is
 * `rpc`, since the stateless era gives protocol errors such a status; without that name it is `http`.
 *
 * @param message the parsed body, undefined where there was none or it was no JSON.
 */
export function classifyHttpAnswer(
  status: number,
  hasRetryAfter: boolean,
  message: unknown,
  id: RequestId,
): Outcome {
  const byStatus = classifyStatus(status, hasRetryAfter);
  if (byStatus === 'ok') return classifyResponse(message, id);
  if (
    byStatus === 'http' &&
    isJsonObject(message) &&
    message['id'] === id &&
    isJsonObject(message['error'])
  ) {
    return 'rpc';
  }
  return byStatus;
}

/** One sentence about a response that is not ok, from the server's own words: hostile text, at most 300 characters. */
export function describeResponse(message: unknown, id: RequestId): string {
  if (!isJsonObject(message)) return 'the answer is no JSON-RPC message';
  const { error, result } = message;
  if (isJsonObject(error)) {
    const code = typeof error['code'] === 'number' ? `${error['code']} ` : '';
    return `${code}${typeof error['message'] === 'string' ? plain(error['message']) : 'no message'}`;
  }
  if (message['id'] !== id)
    return `the answer is for request ${plain(JSON.stringify(message['id'] ?? null))}`;
  if (isJsonObject(result)) {
    if (result['isError'] === true) return firstText(result['content']);
    if (typeof result['resultType'] === 'string') {
      return `the server answered '${plain(result['resultType'])}' instead of a complete result`;
    }
  }
  return 'the answer is no JSON-RPC response';
}

function firstText(content: unknown): string {
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  const text = isJsonObject(first) ? first['text'] : undefined;
  return typeof text === 'string' && text !== '' ? plain(text) : 'the tool answered isError: true';
}

/** Text of a server made fit for one line: no control characters, bounded. */
export function plain(text: string, limit = 300): string {
  // Cut first: the text may be megabytes.
  const line = text
    .slice(0, limit * 4)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
