import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { CallToolResult, CompleteParams } from '../types.js';
import { toolErrorResult, toolFailure } from './answer.js';
import type { ServerCall } from './call.js';
import { isLogLevel, statelessVersions } from './client-facts.js';
import { listen } from './listen.js';
import type { McpServer } from './mcp-server.js';
import { page } from './paging.js';
import { rpcCodes, RpcError } from './rpc-error.js';
import type { InputRequired } from './server-types.js';

type Method = (server: McpServer, call: ServerCall) => object | Promise<object>;

const shared: Readonly<Record<string, Method>> = {
  'tools/list': (server, call) => page(server, call, 'tools', server.tools),
  'tools/call': callTool,
  'resources/list': (server, call) => page(server, call, 'resources', server.resources),
  'resources/templates/list': (server, call) => page(server, call, 'resourceTemplates', server.templates),
  'resources/read': readResource,
  'prompts/list': (server, call) => page(server, call, 'prompts', server.prompts),
  'prompts/get': getPrompt,
  'completion/complete': complete,
};

const byEra: Readonly<Record<'session' | 'stateless', ReadonlyMap<string, Method>>> = {
  session: new Map(
    Object.entries({
      ...shared,
      ping: () => ({}),
      'logging/setLevel': setLevel,
      'resources/subscribe': (_, call) => subscribe(call, true),
      'resources/unsubscribe': (_, call) => subscribe(call, false),
    } satisfies Record<string, Method>),
  ),
  stateless: new Map(
    Object.entries({
      ...shared,
      'server/discover': discover,
      'subscriptions/listen': listen,
    } satisfies Record<string, Method>),
  ),
};

/** Answers of these may be cached in the stateless era; their results carry `ttlMs` and `cacheScope`. */
export const cacheable: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
]);

/** The result of a request; throws an RpcError for what cannot be answered. @internal */
export function dispatch(server: McpServer, call: ServerCall): object | Promise<object> {
  const own = server.methods.size === 0 ? undefined : server.methods.get(call.method);
  if (own !== undefined) return own(call.params, call);
  const method = byEra[call.era].get(call.method);
  if (method === undefined || !isOffered(server, call.method)) {
    const status = call.era === 'stateless' ? 404 : 200;
    throw new RpcError(rpcCodes.methodNotFound, `Method not found: ${call.method}`, undefined, status);
  }
  return method(server, call);
}

function isOffered(server: McpServer, method: string): boolean {
  return method !== 'completion/complete' || server.completionHandler !== undefined;
}

function invalid(message: string): RpcError {
  return new RpcError(rpcCodes.invalidParams, `Invalid params: ${message}`);
}

function callTool(server: McpServer, call: ServerCall): object | Promise<object> {
  const { name, arguments: given } = call.params;
  if (typeof name !== 'string') throw invalid("'name' must be a string");
  const tool = server.tools.get(name);
  if (tool === undefined) throw new RpcError(rpcCodes.invalidParams, `Unknown tool: ${name}`);
  if (given !== undefined && !isJsonObject(given)) throw invalid("'arguments' must be an object");
  const args = given ?? {};
  const wrong = tool.check(args);
  if (wrong !== undefined) return toolErrorResult(`Invalid arguments for tool ${name}: ${wrong}`);
  try {
    const result = tool.handler(args, call);
    return result instanceof Promise ? result.then(toolResult, toolFailure) : toolResult(result);
  } catch (error) {
    return toolFailure(error);
  }
}

function toolResult(result: CallToolResult | InputRequired | string): object {
  return typeof result === 'string' ? { content: [{ type: 'text', text: result }] } : result;
}

function readResource(server: McpServer, call: ServerCall): object | Promise<object> {
  const { uri } = call.params;
  if (typeof uri !== 'string') throw invalid("'uri' must be a string");
  const resource = server.resources.get(uri);
  if (resource !== undefined) return resource.handler(uri, call, {});
  for (const template of server.templates.values()) {
    const variables = template.match(uri);
    if (variables !== undefined) return template.handler(uri, call, variables);
  }
  const code = call.era === 'session' ? rpcCodes.resourceNotFound : rpcCodes.invalidParams;
  throw new RpcError(code, `Resource not found: ${uri}`, { uri });
}

function getPrompt(server: McpServer, call: ServerCall): object | Promise<object> {
  const { name, arguments: given } = call.params;
  if (typeof name !== 'string') throw invalid("'name' must be a string");
  const prompt = server.prompts.get(name);
  if (prompt === undefined) throw invalid(`unknown prompt: ${name}`);
  if (given !== undefined && !isStringRecord(given)) throw invalid("'arguments' must hold strings only");
  const args = given ?? {};
  for (const argument of prompt.listed.arguments ?? []) {
    if (argument.required === true && args[argument.name] === undefined) {
      throw invalid(`argument '${argument.name}' is missing`);
    }
  }
  return prompt.handler(args, call);
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return isJsonObject(value) && Object.values(value).every((each) => typeof each === 'string');
}

function complete(server: McpServer, call: ServerCall): object | Promise<object> {
  const { ref, argument } = call.params;
  if (!isJsonObject(ref) || !isJsonObject(argument)) throw invalid("'ref' and 'argument' are needed");
  if (typeof argument['name'] !== 'string' || typeof argument['value'] !== 'string') {
    throw invalid("'argument' needs a name and a value");
  }
  return server.completionHandler!(call.params as unknown as CompleteParams, call);
}

function setLevel(_: McpServer, call: ServerCall): object {
  const { level } = call.params;
  if (!isLogLevel(level)) throw invalid("'level' must be a log level");
  call.facts.logLevel = level;
  return {};
}

function subscribe(call: ServerCall, on: boolean): object {
  const { uri } = call.params;
  if (typeof uri !== 'string') throw invalid("'uri' must be a string");
  if (on) call.peer.subscriptions.add(uri);
  else call.peer.subscriptions.delete(uri);
  return {};
}

function discover(server: McpServer): object {
  const { instructions } = server.options;
  return {
    supportedVersions: [...statelessVersions],
    capabilities: server.capabilities,
    ...(instructions !== undefined && { instructions }),
  };
}

/** The result of `initialize`; the agreed revision is the one asked for where it is served, else the latest. */
export function initializeResult(server: McpServer, protocolVersion: string): JsonObject {
  const { instructions } = server.options;
  return {
    protocolVersion,
    capabilities: server.capabilities,
    serverInfo: { ...server.info },
    ...(instructions !== undefined && { instructions }),
  };
}
