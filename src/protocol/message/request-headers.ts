import type { JsonObject } from '../../core/json.js';
import type { Era } from '../types.js';
import { encodeHeaderValue, paramHeaders } from './param-headers.js';

/** Which member of `params` the header `Mcp-Name` repeats, by method (2026-07-28, "Standard headers"). */
const nameSources: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** The value that `Mcp-Name` repeats, not encoded; undefined for methods without one. */
export function nameOf(method: string, params: JsonObject): string | undefined {
  const source = Object.hasOwn(nameSources, method) ? nameSources[method] : undefined;
  const value = source === undefined ? undefined : params[source];
  return typeof value === 'string' ? value : undefined;
}

/**
 * The headers of one POST of streamable HTTP, besides those of HTTP itself and the user's.
 *
 * @param version the negotiated revision; undefined before `initialize` was answered.
 * @param inputSchema of the tool that is called: its `x-mcp-header` marks become `Mcp-Param-…` (stateless era).
 */
export function requestHeaders(
  era: Era,
  version: string | undefined,
  sessionId: string | undefined,
  method: string,
  params: JsonObject = {},
  inputSchema?: JsonObject,
): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (version !== undefined) headers['mcp-protocol-version'] = version;
  if (era === 'session') {
    if (sessionId !== undefined) headers['mcp-session-id'] = sessionId;
    return headers;
  }
  headers['mcp-method'] = encodeHeaderValue(method);
  const name = nameOf(method, params);
  if (name !== undefined) headers['mcp-name'] = encodeHeaderValue(name);
  if (method === 'tools/call' && inputSchema !== undefined) {
    Object.assign(headers, paramHeaders(inputSchema, params['arguments']));
  }
  return headers;
}
