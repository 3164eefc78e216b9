import type { IncomingHttpHeaders } from 'node:http';
import { decodeHeaderValue, headerMarks, headerText, valueAt } from '../../message/param-headers.js';
import { nameOf } from '../../message/request-headers.js';
import type { IncomingRequest } from '../call.js';
import type { McpServer } from '../mcp-server.js';
import { rpcCodes, RpcError } from '../rpc-error.js';

function mismatch(what: string): RpcError {
  return new RpcError(
    rpcCodes.headerMismatch,
    `Bad Request: the headers and the body disagree: ${what}`,
    undefined,
    400,
  );
}

/**
 * Whether the two places agree on the revision, which comes before the question whether it is served.
 *
 * @throws RpcError -32020 with status 400 where the header names another revision than `_meta`.
 * @internal
 */
export function checkVersionHeader(headers: IncomingHttpHeaders, version: unknown): void {
  const named = headers['mcp-protocol-version'];
  if (named !== undefined && typeof version === 'string' && named !== version) {
    throw mismatch(`MCP-Protocol-Version is ${String(named)}, _meta says ${version}`);
  }
}

/**
 * Compares the headers of a stateless request with its body (2026-07-28, "Standard headers").
 *
 * @param version the revision that the body's `_meta` names.
 * @throws RpcError -32020 with status 400 where one is missing, malformed or different.
 * @internal
 */
export function checkStatelessHeaders(
  headers: IncomingHttpHeaders,
  request: IncomingRequest,
  version: string,
  server: McpServer,
): void {
  if (headers['mcp-protocol-version'] === undefined) throw mismatch('MCP-Protocol-Version is missing');
  checkVersionHeader(headers, version);
  const method = headers['mcp-method'];
  if (method === undefined) throw mismatch('Mcp-Method is missing');
  if (method !== request.method) {
    throw mismatch(`Mcp-Method is ${String(method)}, the method ${request.method}`);
  }
  const expected = nameOf(request.method, request.params);
  if (expected !== undefined) checkValue('Mcp-Name', headers['mcp-name'], expected);
  if (request.method === 'tools/call' && expected !== undefined) {
    checkParams(headers, request, server.tools.get(expected)?.listed.inputSchema ?? {});
  }
}

function checkParams(
  headers: IncomingHttpHeaders,
  request: IncomingRequest,
  inputSchema: Parameters<typeof headerMarks>[0],
): void {
  const found = headerMarks(inputSchema);
  if (!found.valid) return;
  for (const mark of found.marks) {
    const value = valueAt(request.params['arguments'], mark.path);
    const expected = headerText(value);
    if (expected === undefined) continue;
    const name = `Mcp-Param-${mark.name}`;
    const given = headers[name.toLowerCase()];
    // 42.0 and 42 are the same integer.
    const sameNumber = mark.type === 'integer' && typeof given === 'string' && Number(given) === value;
    if (!sameNumber) checkValue(name, given, expected);
  }
}

function checkValue(name: string, given: string | string[] | undefined, expected: string): void {
  if (given === undefined) throw mismatch(`${name} is missing`);
  const decoded = decodeHeaderValue(String(given));
  if (decoded === undefined) throw mismatch(`${name} is not valid base64`);
  if (decoded !== expected) throw mismatch(`${name} is '${decoded}', the body says '${expected}'`);
}
