import { messageOf } from '../../core/errors.js';
import { isJsonObject, type Json } from '../../core/json.js';
import { FramingError } from '../framing/framing-error.js';
import { HttpError } from '../http/http-error.js';
import { classifyStatus, plain } from '../message/classify-response.js';
import type { JsonRpcErrorObject } from '../message/json-rpc.js';
import { WireError } from '../wire-error.js';

/** How much of an answer an error keeps, characters. */
const excerpt = 2000;

/** A JSON-RPC error as a {@link WireError}. */
export function rpcFailure(error: JsonRpcErrorObject, method: string, status?: number): WireError {
  return new WireError(`${method} failed: ${plain(error.message)} (${error.code})`, {
    outcome: 'rpc',
    rpcCode: error.code,
    data: error.data,
    status,
  });
}

/** An unexpected HTTP status as a {@link WireError}, with what the body says of it. */
export function statusFailure(
  method: string,
  status: number,
  retryAfter: string | undefined,
  body: string,
): WireError {
  const outcome = classifyStatus(status, retryAfter !== undefined);
  const error = jsonRpcErrorIn(body);
  const said = error?.message ?? (body.trimStart().startsWith('<') ? '' : body);
  const words = said === '' ? '' : `: ${plain(said, 200)}`;
  const wait =
    outcome === 'throttled' && retryAfter !== undefined ? ` (retry after ${plain(retryAfter, 40)})` : '';
  return new WireError(`${method} was answered with HTTP ${status}${words}${wait}`, {
    outcome: outcome === 'ok' ? 'http' : outcome,
    status,
    response: body.slice(0, excerpt),
    rpcCode: error?.code,
    data: error?.data,
  });
}

/** The `error` of a JSON-RPC response in a body, whatever its id. */
export function jsonRpcErrorIn(body: string): { code: number; message: string; data?: Json } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const error = isJsonObject(parsed) ? parsed['error'] : undefined;
  if (!isJsonObject(error) || typeof error['code'] !== 'number') return undefined;
  const { code, message, data } = error;
  return { code, message: typeof message === 'string' ? message : '', ...(data !== undefined && { data }) };
}

/** An answer that is not what JSON-RPC or MCP asks for. */
export function parseFailure(method: string, what: string, response?: string, status?: number): WireError {
  return new WireError(`${method} was answered with ${what}`, {
    outcome: 'parse',
    status,
    response: response?.slice(0, excerpt),
  });
}

/** Anything thrown on the way as a {@link WireError}. */
export function toWireError(thrown: unknown, method: string): WireError {
  if (thrown instanceof WireError) return thrown;
  if (thrown instanceof HttpError) {
    return new WireError(`${method} failed: ${thrown.message}`, { outcome: thrown.outcome, cause: thrown });
  }
  const outcome = thrown instanceof FramingError ? 'parse' : 'transport';
  return new WireError(`${method} failed: ${messageOf(thrown)}`, { outcome, cause: thrown });
}
