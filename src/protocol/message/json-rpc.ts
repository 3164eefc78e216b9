import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { RequestId } from '../types.js';

/** The `error` member of a response (JSON-RPC 2.0, section 5.1). */
export interface JsonRpcErrorObject {
  code: number;
  message: string;
  data?: Json;
}

/** What a JSON value is, as JSON-RPC 2.0 and MCP see it. */
export type ClassifiedMessage =
  | { kind: 'request'; id: RequestId; method: string; params: JsonObject }
  | { kind: 'notification'; method: string; params: JsonObject }
  | { kind: 'result'; id: RequestId; result: JsonObject }
  | { kind: 'error'; id: RequestId | null; error: JsonRpcErrorObject }
  | { kind: 'invalid'; reason: string };

/** True for what MCP allows as a request id: a string, or a whole number. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
}

const noParams: JsonObject = Object.freeze({});

/** Tells requests, notifications, results and errors apart, whatever the order of their keys; never throws. */
export function classifyMessage(value: unknown): ClassifiedMessage {
  if (!isJsonObject(value)) return { kind: 'invalid', reason: 'not a JSON object' };
  if (value['jsonrpc'] !== '2.0') return { kind: 'invalid', reason: 'no "jsonrpc": "2.0"' };
  const { id, method, params, result, error } = value;
  if (method !== undefined) {
    if (typeof method !== 'string') return { kind: 'invalid', reason: '"method" is no string' };
    if (params !== undefined && !isJsonObject(params)) {
      return { kind: 'invalid', reason: '"params" is no object' };
    }
    if (id === undefined) return { kind: 'notification', method, params: params ?? noParams };
    if (!isRequestId(id)) return { kind: 'invalid', reason: '"id" is neither a string nor a whole number' };
    return { kind: 'request', id, method, params: params ?? noParams };
  }
  if (result !== undefined) {
    if (!isRequestId(id)) return { kind: 'invalid', reason: 'a result without a valid "id"' };
    if (!isJsonObject(result)) return { kind: 'invalid', reason: '"result" is no object' };
    return { kind: 'result', id, result };
  }
  if (isJsonObject(error)) {
    if (id !== undefined && id !== null && !isRequestId(id)) {
      return { kind: 'invalid', reason: 'an error without a valid "id"' };
    }
    return { kind: 'error', id: id ?? null, error: readError(error) };
  }
  return { kind: 'invalid', reason: 'neither a request nor a response' };
}

function readError(error: JsonObject): JsonRpcErrorObject {
  const { code, message, data } = error;
  return {
    code: typeof code === 'number' ? code : 0,
    message: typeof message === 'string' ? message : 'no message',
    ...(data !== undefined && { data }),
  };
}
