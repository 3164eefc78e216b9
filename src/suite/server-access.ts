import type { JsonObject } from '../core/json.js';
import { WireError, type McpConnection, type RequestOptions } from '../protocol/index.js';
import type { ServerAccess } from '../plan/operations/index.js';

/** How a server is asked. */
export interface AccessOptions {
  timeoutMs: number;
  signal: AbortSignal;
  /** False in a dry run: nothing is asked but listings. */
  tries: boolean;
}

/** A connection as the planning of operations asks it; each listing is asked for once, and empty where the server has none. */
export function serverAccess(
  connection: McpConnection,
  { timeoutMs, signal, tries }: AccessOptions,
): ServerAccess {
  const options: RequestOptions = { timeoutMs, signal };
  const { era, protocolVersion, capabilities } = connection;
  const once = <T>(capability: string, list: () => Promise<T[]>): (() => Promise<T[]>) => {
    let listed: Promise<T[]> | undefined;
    return () => (listed ??= capabilities[capability] === undefined ? Promise.resolve([]) : list());
  };
  return {
    era,
    protocolVersion,
    capabilities,
    resources: once('resources', async () =>
      (await connection.listResources(options)).map(({ uri }) => uri).filter(isText),
    ),
    // A server with resources need not have templates, nor answer when asked for them.
    templates: once('resources', async () =>
      (await connection.listResourceTemplates(options).catch(unlisted))
        .map(({ uriTemplate }) => uriTemplate)
        .filter(isText),
    ),
    prompts: once('prompts', async () =>
      (await connection.listPrompts(options))
        .filter(({ name }) => isText(name))
        .map(({ name, description, arguments: args }) => ({
          name,
          ...(isText(description) ? { description } : {}),
          arguments: (Array.isArray(args) ? args : []).filter((argument) => isText(argument.name)),
        })),
    ),
    request: tries ? (method, params) => tried(connection, method, params, options) : undefined,
  };
}

async function tried(
  connection: McpConnection,
  method: string,
  params: JsonObject,
  options: RequestOptions,
): ReturnType<NonNullable<ServerAccess['request']>> {
  try {
    return { ok: true, result: await connection.request(method, params, options) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { ok: false, class: error.outcome, message: error.message };
  }
}

function unlisted(error: unknown): [] {
  if (error instanceof WireError && error.outcome === 'rpc') return [];
  throw error;
}

/** What a server lists need not be what the specification says. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
