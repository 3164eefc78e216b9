import type { McpServer } from './mcp-server.js';
import type { ServeStdioOptions, StdioServing } from './server-types.js';

/**
 * Serves one client over standard input and output, in whichever era it opens with. Ends when the client closes its
 * side. Reading stops while the client does not read its answers.
 */
export function serveStdio(server: McpServer, options: ServeStdioOptions = {}): StdioServing {
  // Clients import this module too; what serving needs is loaded when something is served.
  const started = import('./stdio-serving.js').then(({ startStdio }) => startStdio(server, options));
  return {
    closed: started.then(({ closed }) => closed),
    close: () => started.then((serving) => serving.close()),
  };
}
