import type { Json } from '../../core/json.js';

/** JSON-RPC 2.0, section 5.1, and MCP's own codes (2026-07-28, "Errors"). */
export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** What the official SDKs answer for a wrong use of HTTP. */
  badRequest: -32000,
  sessionNotFound: -32001,
  /** Up to 2025-11-25; -32602 from 2026-07-28. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

/** Thrown by a handler to answer with a JSON-RPC error of a chosen code. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** The JSON-RPC error code. */
  readonly code: number;
  readonly data: Json | undefined;
  /** The HTTP status that it is answered with; 200 unless the protocol asks for another. */
  readonly status: number;

  constructor(code: number, message: string, data?: Json, status = 200) {
    super(message);
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

/** What `call.request` rejects with when the client answers with an error; a tool that lets it pass fails with it. */
export class ClientRefusal extends Error {
  override readonly name = 'ClientRefusal';
  /** The client's JSON-RPC error code. */
  readonly clientCode: number;
  readonly data: Json | undefined;

  constructor(code: number, message: string, data?: Json) {
    super(message);
    this.clientCode = code;
    this.data = data;
  }
}
