import type { Resource, ResourceTemplate, Prompt } from '../types.js';
import type {
  CompletionHandler,
  McpServerOptions,
  MethodHandler,
  PromptHandler,
  ResourceHandler,
  ToolDefinition,
  ToolHandler,
} from './server-types.js';

/** An MCP server that knows no transport and no era: the same tools answer all of them. */
export declare class McpServer {
  constructor(options: McpServerOptions);
  /** Registers (or replaces) a tool; clients that listen are told. */
  tool(definition: ToolDefinition, handler: ToolHandler): this;
  removeTool(name: string): boolean;
  resource(definition: Resource, handler: ResourceHandler): this;
  removeResource(uri: string): boolean;
  /** A family of resources by URI template; `{name}` matches within a path segment, `{+name}` across. */
  resourceTemplate(definition: ResourceTemplate, handler: ResourceHandler): this;
  prompt(definition: Prompt, handler: PromptHandler): this;
  removePrompt(name: string): boolean;
  completion(handler: CompletionHandler): this;
  /** Answers a method in place of the built-in handling, or a method that has none. */
  onRequest(method: string, handler: MethodHandler): this;
  /** Tells subscribed clients that a resource changed. */
  resourceUpdated(uri: string): void;
}
