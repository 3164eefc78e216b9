import type { ConnectOptions, Endpoint, McpConnection } from '../types.js';

/**
 * Connects to a server: negotiates the era, opens a session where there is one.
 *
 * Over HTTP, `auto` asks for the stateless era first, then for a session, then for legacy HTTP+SSE, and remembers per
 * origin what worked. On stdio it asks a throwaway child (`options.probe`), since some servers pin what they are asked
 * first.
 *
 * @throws WireError where the server cannot be reached or spoken to; the reason of `options.signal`.
 */
export async function connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<McpConnection> {
  // Servers import this module too; what connecting needs is loaded when something is connected.
  const { openConnection } = await import('./open-connection.js');
  return await openConnection(endpoint, options);
}
