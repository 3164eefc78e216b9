import {
  chooseServers,
  readMcpConfig,
  type ConfiguredServer,
  type McpConfigOptions,
} from './mcp-config/index.js';
import { usageError } from '../core/errors.js';
import { parseTarget, type TargetWords } from './parse-target.js';
import { rememberSecrets } from './remember-secrets.js';
import type { TargetSpec } from './target-spec.js';

/** {@link TargetWords}, or a configuration file in place of URL and command. */
export interface TargetsWords extends TargetWords {
  /** The path of an mcp.json. */
  mcpConfig?: string | undefined;
  /** The server of it, or `all`; needed where it names several. */
  server?: string | undefined;
}

/** A target with the name that a configuration file gives it. */
export interface NamedTarget {
  /** Undefined for a target that was given directly. */
  name: string | undefined;
  spec: TargetSpec;
}

/**
 * The targets that are meant: one, or every enabled server of a configuration file. Headers, tokens, variables and the
 * working directory that are given besides go to the servers that can use them, before what the file says.
 *
 * @throws DynoError (104) as {@link parseTarget}, {@link readMcpConfig} and {@link chooseServers} do.
 */
export function parseTargets(words: TargetsWords, options: McpConfigOptions = {}): NamedTarget[] {
  const { mcpConfig, server, url, command } = words;
  if (mcpConfig === undefined) {
    if (server !== undefined) {
      throw usageError(`Expected --mcp-config with --server '${server}'`, 'A server is one of an mcp.json.');
    }
    return [{ name: undefined, spec: parseTarget(words) }];
  }
  const other = url === undefined ? command?.join(' ') : url;
  if (other !== undefined) {
    throw usageError(
      `Expected one target, got '${other}' and the file '${mcpConfig}'`,
      'Give a URL, a start command behind --, or --mcp-config.',
    );
  }
  return chooseServers(readMcpConfig(mcpConfig, options), server).map((chosen) => ({
    name: chosen.name,
    spec: withWords(chosen, words),
  }));
}

function withWords(server: ConfiguredServer, { headers, auth, tls, env, cwd }: TargetsWords): TargetSpec {
  const spec = server.target();
  const merged: TargetSpec =
    spec.kind === 'stdio'
      ? { ...spec, env: { ...spec.env, ...env }, ...(cwd === undefined ? {} : { cwd }) }
      : spec.kind === 'reference'
        ? spec
        : {
            ...spec,
            headers: mergedHeaders(spec.headers, headers ?? {}, auth !== undefined),
            ...(auth === undefined ? {} : { auth }),
            ...(tls === undefined ? {} : { tls }),
          };
  rememberSecrets(merged);
  return merged;
}

/** Header names are the same in upper and lower case; a token of one's own takes the place of the file's. */
function mergedHeaders(
  theirs: Readonly<Record<string, string>>,
  ours: Readonly<Record<string, string>>,
  withToken: boolean,
): Record<string, string> {
  const replaced = new Set(Object.keys(ours).map((name) => name.toLowerCase()));
  if (withToken) replaced.add('authorization');
  const kept = Object.entries(theirs).filter(([name]) => !replaced.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...ours };
}
