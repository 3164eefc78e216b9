import { messageOf } from '../../core/errors.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { HttpError } from '../../protocol/http/index.js';

/** What came back for one HTTP request. */
export type WireAnswer =
  | {
      kind: 'answer';
      status: number;
      /** Its content type, lower case. */
      type: string;
      /** The body, or of a stream the message that answers the request; its beginning where it is long. */
      text: string;
      sessionId: string | undefined;
    }
  /** Nothing: not in time, the connection was closed, or what came is not HTTP. */
  | { kind: 'none'; how: 'hang' | 'closed' | 'unreachable' | 'garbage'; message: string };

/** Whether a call or a handshake was answered with a result; that a method is not known is an answer to a ping, too. */
export function isGood(answer: WireAnswer): answer is Extract<WireAnswer, { kind: 'answer' }> {
  if (answer.kind === 'none' || answer.status !== 200) return false;
  const code = errorCode(answer.text);
  return messageIn(answer.text) !== undefined && (code === undefined || code === -32601);
}

/** Whether a call was refused: 4xx, or a JSON-RPC error. */
export function isRefusal(answer: WireAnswer): boolean {
  if (answer.kind === 'none') return false;
  return (answer.status >= 400 && answer.status < 500) || (answer.status === 200 && !isGood(answer));
}

/** Whether the answer tells a client to open its session anew: 404 as the specification says, 400 that says so in words. */
export function saysSessionLost(answer: WireAnswer): boolean {
  if (answer.kind === 'none') return false;
  return answer.status === 404 || (answer.status === 400 && /session/i.test(answer.text));
}

/** Whether a DELETE was refused because the server lets no client end sessions. */
export function letsNobodyEnd(answer: WireAnswer): boolean {
  return answer.kind === 'answer' && (answer.status === 405 || answer.status === 501);
}

/** `HTTP 404`, `no answer within 5000 ms`. */
export function describeAnswer(answer: WireAnswer): string {
  if (answer.kind === 'none') return answer.message;
  const code = answer.status === 200 ? errorCode(answer.text) : undefined;
  if (code !== undefined) return `HTTP 200 and JSON-RPC error ${code}`;
  if (answer.status === 200 && answer.type.startsWith('text/event-stream')) return 'HTTP 200 and a stream';
  return `HTTP ${answer.status}`;
}

/** The JSON-RPC answer in a text, of this id where one is given. */
export function messageIn(text: string, id?: unknown): JsonObject | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(message) || (message['result'] === undefined && message['error'] === undefined))
    return undefined;
  return id === undefined || message['id'] === id ? message : undefined;
}

function errorCode(text: string): number | undefined {
  const error = messageIn(text)?.['error'];
  const code = isJsonObject(error) ? error['code'] : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** What a request that failed came to. */
export function noneOf(error: unknown, late: AbortSignal): WireAnswer {
  const words = (message: string) => printableLine(message, 200);
  if (late.aborted) return { kind: 'none', how: 'hang', message: words((late.reason as Error).message) };
  if (error instanceof HttpError) {
    const how = ({ connect: 'unreachable', transport: 'closed', timeout: 'hang', parse: 'garbage' } as const)[
      error.outcome
    ];
    const closed = how === 'closed' ? 'the connection was closed without an answer' : error.message;
    return { kind: 'none', how, message: words(closed) };
  }
  return {
    kind: 'none',
    how: 'garbage',
    message: words(messageOf(error)),
  };
}
