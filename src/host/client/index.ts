/**
 * Many MCP servers by name, each kept connected.
 */
export type { BackoffOptions } from './backoff.js';
export {
  McpClient,
  type ConnectServerOptions,
  type McpClientOptions,
  type NamedTool,
  type NotificationListener,
  type StatusListener,
} from './mcp-client.js';
export type { LinkState, ServerStatus, ServerTarget } from './server-link.js';
