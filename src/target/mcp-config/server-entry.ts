import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import {
  didYouMean,
  DynoError,
  isJsonObject,
  messageOf,
  usageError,
  type Json,
  type JsonObject,
} from '../../core/index.js';
import { parseTarget, type TargetWords } from '../parse-target.js';
import type { TargetSpec } from '../target-spec.js';
import { expandVariables, type VariableSources } from './expand-variables.js';

const transports: Readonly<Record<string, 'stdio' | 'http' | 'sse'>> = {
  stdio: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  streamable_http: 'http',
  sse: 'sse',
};

/**
 * How the server is spoken to: `type` (or `transport`), else `command` means stdio and `url` streamable HTTP with
 * fallback to HTTP+SSE.
 *
 * @throws DynoError (104) when the entry says neither.
 */
export function transportOf(entry: JsonObject, where: string): 'stdio' | 'http' | 'sse' {
  const type = entry['type'] ?? entry['transport'];
  if (type === undefined) {
    if (entry['command'] !== undefined) return 'stdio';
    if (urlOf(entry) !== undefined) return 'http';
    throw usageError(`Expected ${where} to name a command or a url, got ${keysOf(entry)}`);
  }
  const transport = typeof type === 'string' ? transports[type] : undefined;
  if (transport === undefined) {
    throw usageError(
      `Expected the type of ${where} to be stdio, http, streamable-http or sse, got ${JSON.stringify(type)}`,
      typeof type === 'string' ? didYouMean(type, Object.keys(transports)) : undefined,
    );
  }
  return transport;
}

/**
 * The target that an entry of an mcp.json means.
 *
 * @throws DynoError (104) for fields of the wrong form and variables without a value.
 */
export function targetOf(entry: JsonObject, where: string, sources: VariableSources): TargetSpec {
  const expand = (value: Json, field: string) =>
    expandVariables(textOf(value, `${field} of ${where}`), `${field} of ${where}`, sources);
  const transport = transportOf(entry, where);
  if (transport === 'stdio') {
    if (entry['command'] === undefined)
      throw usageError(`Expected ${where} to name a command, got ${keysOf(entry)}`);
    const args = entry['args'] ?? [];
    if (!Array.isArray(args))
      throw usageError(`Expected args of ${where} to be a list, got ${JSON.stringify(args)}`);
    return parsed(where, {
      command: [expand(entry['command'], 'command'), ...args.map((arg, i) => expand(arg, `args[${i}]`))],
      env: { ...envFileOf(entry, where, sources), ...mapOf(entry['env'], 'env', where, expand) },
      cwd:
        entry['cwd'] === undefined ? sources.workspaceFolder : folderOf(expand(entry['cwd'], 'cwd'), sources),
    });
  }
  const url = urlOf(entry);
  if (url === undefined) throw usageError(`Expected ${where} to name a url, got ${keysOf(entry)}`);
  const address = expand(url, 'url');
  return parsed(where, {
    url: transport === 'sse' && /^https?:/i.test(address) ? `sse+${address}` : address,
    headers: mapOf(entry['headers'], 'headers', where, expand),
  });
}

function parsed(where: string, words: TargetWords): TargetSpec {
  try {
    return parseTarget(words);
  } catch (error) {
    throw error instanceof DynoError ? usageError(`${where}: ${error.message}`, error.hint, error) : error;
  }
}

function urlOf(entry: JsonObject): Json | undefined {
  return entry['url'] ?? entry['serverUrl'] ?? entry['httpUrl'];
}

function textOf(value: Json, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw usageError(`Expected ${what} to be text, got ${JSON.stringify(value).slice(0, 80)}`);
}

function mapOf(
  value: Json | undefined,
  field: string,
  where: string,
  expand: (value: Json, field: string) => string,
): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) throw usageError(`Expected ${field} of ${where} to be an object of texts`);
  // VS Code unsets a variable that is null; an empty one is the nearest thing.
  const entries = Object.entries(value).map(([name, text]) => [name, expand(text ?? '', `${field}.${name}`)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function envFileOf(entry: JsonObject, where: string, sources: VariableSources): Record<string, string> {
  const named = entry['envFile'];
  if (named === undefined) return {};
  const field = `envFile of ${where}`;
  const path = folderOf(expandVariables(textOf(named, field), field, sources), sources);
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    throw usageError(`The ${field} cannot be read: ${messageOf(error)}`, undefined, error);
  }
}

function folderOf(path: string, { workspaceFolder }: VariableSources): string {
  return resolve(workspaceFolder, path);
}

function keysOf(entry: JsonObject): string {
  const keys = Object.keys(entry);
  return keys.length === 0 ? 'nothing' : `only ${keys.join(', ')}`;
}
