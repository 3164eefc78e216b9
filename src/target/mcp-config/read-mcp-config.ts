import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import {
  didYouMean,
  isJsonObject,
  parseJsonc,
  printableLine,
  usageError,
  type Json,
  type JsonObject,
} from '../../core/index.js';
import type { TargetSpec } from '../target-spec.js';
import { inputVariable, type ConfigInput, type VariableSources } from './expand-variables.js';
import { targetOf, transportOf } from './server-entry.js';

/** A server of a configuration file. */
export interface ConfiguredServer {
  name: string;
  /** Switched off in the file; `--server all` leaves it out. */
  disabled: boolean;
  /** Inputs that it refers to and that have neither a value nor a default yet: ask for them. */
  missingInputs: ConfigInput[];
  /**
   * The target that it means, its variables filled in.
   *
   * @throws DynoError (104) that names file, server and field.
   */
  target(): TargetSpec;
}

/** An mcp.json, read. */
export interface McpConfig {
  file: string;
  servers: ConfiguredServer[];
}

/** Where the values of variables come from. */
export interface McpConfigOptions {
  /** `process.env` unless given. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Values of `${input:id}` by id; an environment variable `DYNO_INPUT_ID` does as well. */
  inputs?: Readonly<Record<string, string>>;
  /** The folder of the file, or the one above where the file is in `.vscode` or `.cursor`. */
  workspaceFolder?: string;
}

/** Where clients keep their files in a project. */
const usualPlaces = ['.mcp.json', '.vscode/mcp.json', '.cursor/mcp.json', 'mcp.json'];
const editorFolders = new Set(['.vscode', '.cursor', '.claude', '.roo', '.gemini']);

/**
 * Reads a client configuration file in the dialects of Claude Desktop and Claude Code (`mcpServers`), Cursor, and VS
 * Code (`servers` and `inputs`, in `mcp.json` or under `mcp` in `settings.json`), comments and trailing commas allowed.
 * Servers are looked at one by one: a broken one does not keep the others from being used.
 *
 * @throws DynoError (104) with file, line and expectation when it cannot be read.
 */
export function readMcpConfig(file: string, options: McpConfigOptions = {}): McpConfig {
  const root = parseJsonc(readText(file), file);
  const { servers, inputs } = rootsOf(root, file);
  const sources: VariableSources = {
    env: options.env ?? process.env,
    inputs: options.inputs ?? {},
    knownInputs: inputs,
    workspaceFolder: resolve(options.workspaceFolder ?? projectOf(file)),
  };
  return { file, servers: servers.map(([name, entry]) => configuredServer(name, entry, file, sources)) };
}

/**
 * The servers that are meant: the one named, every enabled one for `all`, the only one where none is named.
 *
 * @throws DynoError (104) that says which servers there are, and the nearest to the name.
 */
export function chooseServers(config: McpConfig, name: string | undefined): ConfiguredServer[] {
  const { file, servers } = config;
  const named = servers.filter((server) => server.name === name);
  if (named.length > 0) return named;
  const enabled = servers.filter((server) => !server.disabled);
  const names = servers.map((server) => server.name);
  const list = names.map((each) => printableLine(each, 60)).join(', ');
  if (name === undefined || name === 'all') {
    if (enabled.length === 0) {
      throw usageError(
        servers.length === 0 ? `${file} names no server` : `Every server of ${file} is disabled: ${list}`,
        servers.length === 0 ? undefined : 'Name one with --server; it is then used all the same.',
      );
    }
    if (name === 'all' || enabled.length === 1) return enabled;
    throw usageError(`${file} names several servers: ${list}`, 'Choose with --server NAME, or --server all.');
  }
  throw usageError(
    `There is no server '${name}' in ${file}; there is ${list === '' ? 'none' : list}`,
    didYouMean(name, names),
  );
}

function configuredServer(
  name: string,
  entry: Json,
  file: string,
  sources: VariableSources,
): ConfiguredServer {
  const where = `server '${printableLine(name, 60)}' in ${file}`;
  const target = () => {
    if (!isJsonObject(entry))
      throw usageError(`Expected ${where} to be an object, got ${JSON.stringify(entry)}`);
    transportOf(entry, where);
    return targetOf(entry, where, sources);
  };
  const disabled = isJsonObject(entry) && (entry['disabled'] === true || entry['enabled'] === false);
  const text = JSON.stringify(entry);
  const missingInputs = sources.knownInputs.filter(
    ({ id, default: fallback }) =>
      text.includes(`\${input:${id}}`) &&
      (sources.inputs[id] ?? sources.env[inputVariable(id)] ?? fallback) === undefined,
  );
  return { name, disabled, missingInputs, target };
}

function rootsOf(root: Json, file: string): { servers: [string, Json][]; inputs: ConfigInput[] } {
  if (!isJsonObject(root)) throw usageError(`Expected ${file} to hold an object with mcpServers or servers`);
  const nested = isJsonObject(root['mcp']) ? root['mcp'] : {};
  const found = [root['mcpServers'], root['servers'], nested['servers']].filter((each) => each !== undefined);
  if (found.length === 0) {
    const keys = Object.keys(root);
    throw usageError(
      `Expected ${file} to have mcpServers or servers, got ${keys.length === 0 ? 'nothing' : keys.slice(0, 10).join(', ')}`,
      keys.map((key) => didYouMean(key, ['mcpServers', 'servers'])).find((hint) => hint !== undefined),
    );
  }
  const wrong = found.find((each) => !isJsonObject(each));
  if (wrong !== undefined)
    throw usageError(`Expected the servers of ${file} to be an object of servers by name`);
  return {
    servers: found.flatMap((each) => Object.entries(each as JsonObject)),
    inputs: [...listOf(root['inputs']), ...listOf(nested['inputs'])].flatMap(inputOf),
  };
}

function inputOf(value: Json): ConfigInput[] {
  if (!isJsonObject(value) || typeof value['id'] !== 'string') return [];
  const { id, description, default: fallback, options, password } = value;
  // Options are texts, or objects with label and value.
  const choices = listOf(options).flatMap((choice) => {
    const text = isJsonObject(choice) ? (choice['value'] ?? choice['label']) : choice;
    return typeof text === 'string' ? [text] : [];
  });
  return [
    {
      id,
      password: password === true,
      ...(typeof description === 'string' ? { description: printableLine(description) } : {}),
      ...(typeof fallback === 'string' ? { default: fallback } : {}),
      ...(choices.length > 0 ? { options: choices } : {}),
    },
  ];
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const here = usualPlaces.filter((place) => existsSync(place));
    if (code === 'ENOENT') {
      throw usageError(
        `There is no file '${file}'`,
        here.length > 0 ? `Here is ${here.join(' and ')}.` : undefined,
        error,
      );
    }
    throw usageError(
      code === 'EISDIR'
        ? `Expected '${file}' to be a file, it is a folder`
        : `'${file}' cannot be read (${code})`,
      undefined,
      error,
    );
  }
}

function projectOf(file: string): string {
  const folder = dirname(resolve(file));
  return editorFolders.has(basename(folder)) ? dirname(folder) : folder;
}
