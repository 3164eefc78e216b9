import type { McpServer } from './mcp-server.js';
import type { HttpServing, ServeHttpOptions } from './server-types.js';

/**
 * Serves over streamable HTTP, both eras on one endpoint; with `ssePath` legacy HTTP+SSE too.
 *
 * @throws DynoError where the port cannot be listened on.
 */
export async function serveHttp(server: McpServer, options: ServeHttpOptions = {}): Promise<HttpServing> {
  // Clients import this module too; what serving needs is loaded when something is served.
  const { startHttp } = await import('./http/http-serving.js');
  return await startHttp(server, options);
}
