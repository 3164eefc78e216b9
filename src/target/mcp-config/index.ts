/** Client configuration files (mcp.json) of Claude, Cursor and VS Code. */
export {
  chooseServers,
  readMcpConfig,
  type ConfiguredServer,
  type McpConfig,
  type McpConfigOptions,
} from './read-mcp-config.js';
export { inputVariable, type ConfigInput } from './expand-variables.js';
