/**
 * MCP on the wire, client and server side, both eras.
 *
 * @example
 * ```ts
 * const connection = await connect({ kind: 'http', url: 'http://127.0.0.1:3001/mcp' });
 * const tools = await connection.listTools();
 * await connection.close();
 * ```
 */
import type {
  HttpServing,
  ServeHttpOptions,
  ServeStdioOptions,
  StdioServing,
} from './server/server-types.js';
import type { McpServer } from './server/mcp-server.js';
import type { ConnectOptions, Endpoint, McpConnection } from './types.js';

export type * from './types.js';
export type * from './server/server-types.js';
export { protocolVersions } from './types.js';
export { WireError, type WireErrorOptions } from './wire-error.js';
export { RpcError, rpcCodes } from './server/rpc-error.js';
export type { McpServer } from './server/mcp-server.js';

/** Connects to a server: negotiates the era, opens a session where there is one. */
export declare function connect(endpoint: Endpoint, options?: ConnectOptions): Promise<McpConnection>;
/** Serves over streamable HTTP. */
export declare function serveHttp(server: McpServer, options?: ServeHttpOptions): Promise<HttpServing>;
/** Serves over standard input and output. */
export declare function serveStdio(server: McpServer, options?: ServeStdioOptions): StdioServing;
