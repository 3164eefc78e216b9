import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, usageError } from '../core/index.js';
import { asGiven, type OptionKey } from '../plan/options/index.js';
import {
  parseTargets,
  type AuthSpec,
  type NamedTarget,
  type TargetSpec,
  type TargetWords,
} from '../target/index.js';
import type { CommandContext } from './command.js';
import type { MeantTarget } from './words.js';

/** Options that only a URL, or only a start command, has a use for. */
const onlyForUrls: readonly OptionKey[] = [
  'header',
  'bearer',
  'bearerCommand',
  'oauthClientId',
  'insecure',
  'ca',
];
const onlyForCommands: readonly OptionKey[] = ['env', 'cwd'];

/**
 * What to measure: as named on the command line or by an mcp.json, else by the config file, else the bundled reference
 * server; several where every server of an mcp.json is asked for. Whatever in them is secret is known to the redaction
 * afterwards.
 *
 * @throws DynoError (104): options that do not fit the target, a file that cannot be read, a URL that is none.
 */
export function targetsOf(context: CommandContext, meant: MeantTarget): NamedTarget[] {
  const { settings, config, io } = context;
  const given = {
    headers: headersOf(settings.header ?? []),
    env: Object.fromEntries((settings.env ?? []).map((pair) => splitPair(pair, '='))),
    auth: authOf(context),
    tls: tlsOf(context),
    cwd: settings.cwd === undefined ? undefined : resolve(io.cwd, settings.cwd),
  };
  const { mcpConfig, server } = settings;
  const words = wordsOf(meant, mcpConfig === undefined ? config?.target : undefined, given);
  // Messages name the file as it was typed, where that is the way to it.
  const file = mcpConfig === undefined || io.cwd === process.cwd() ? mcpConfig : resolve(io.cwd, mcpConfig);
  const targets = parseTargets({ ...given, ...words, mcpConfig: file, server }, { env: io.env });
  if (mcpConfig === undefined) for (const { spec } of targets) refuseStrangers(context, spec);
  return targets;
}

/** The command line's target wins over the config file's. */
function wordsOf(
  meant: MeantTarget,
  configured: NonNullable<CommandContext['config']>['target'],
  given: { headers: Record<string, string>; env: Record<string, string>; cwd: string | undefined },
): TargetWords {
  if (meant.kind === 'url') return { url: meant.url };
  if (meant.kind === 'command') return { command: meant.command };
  if (configured === undefined) return {};
  if (configured.kind === 'url')
    return { url: configured.url, headers: { ...configured.headers, ...given.headers } };
  return {
    command: [configured.command, ...configured.args],
    env: { ...configured.env, ...given.env },
    cwd: given.cwd ?? configured.cwd,
  };
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [name, value] = splitPair(line, ':');
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}

function splitPair(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at).trim(), separator === ':' ? text.slice(at + 1).trim() : text.slice(at + 1)];
}

function authOf({ settings, origins }: CommandContext): AuthSpec | undefined {
  const { bearer, bearerCommand, oauthTokenUrl, oauthClientId, oauthClientSecret, oauthScope } = settings;
  if (bearer !== undefined) return { kind: 'bearer', token: bearer };
  if (bearerCommand !== undefined) return { kind: 'bearer-command', command: bearerCommand };
  if (oauthClientId === undefined) return undefined;
  if (oauthClientSecret === undefined) {
    throw usageError(
      `${asGiven('oauthClientId', origins.oauthClientId)} needs the client's secret`,
      'Set DYNO_OAUTH_CLIENT_SECRET, or give --oauth-client-secret.',
    );
  }
  return {
    kind: 'client-credentials',
    clientId: oauthClientId,
    clientSecret: oauthClientSecret,
    ...(oauthTokenUrl === undefined ? {} : { tokenUrl: oauthTokenUrl }),
    ...(oauthScope === undefined ? {} : { scope: oauthScope }),
  };
}

function tlsOf({ settings, io }: CommandContext): TargetWords['tls'] {
  if (settings.insecure) return { rejectUnauthorized: false };
  if (settings.ca === undefined) return undefined;
  try {
    return { ca: readFileSync(resolve(io.cwd, settings.ca), 'utf8') };
  } catch (cause) {
    throw usageError(
      `Cannot read the certificates '${settings.ca}' of --ca: ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
}

/**
 * Refuses what was typed for this run though the target has no use for it: a misunderstanding. A config file and the
 * environment may serve other targets as well.
 */
function refuseStrangers({ origins, settings }: CommandContext, spec: TargetSpec): void {
  const isUrl = spec.kind === 'http' || spec.kind === 'sse';
  const strange = (isUrl ? onlyForCommands : onlyForUrls).find(
    (key) => origins[key].kind === 'flag' && settings[key] !== false,
  );
  if (strange === undefined) return;
  const kind = isUrl
    ? 'a URL'
    : spec.kind === 'reference'
      ? 'the bundled reference server'
      : 'a start command';
  throw usageError(
    `${asGiven(strange, origins[strange])} is only for ${isUrl ? 'start commands' : 'URLs'}, and the target is ${kind}`,
    isUrl ? 'Set it where the server is started.' : undefined,
  );
}

/** The target in a few words, for messages; still to be redacted. */
export function describeTarget(spec: TargetSpec): string {
  switch (spec.kind) {
    case 'reference':
      return 'the bundled reference server';
    case 'stdio':
      return [spec.command, ...spec.args].join(' ');
    default:
      return spec.url;
  }
}
