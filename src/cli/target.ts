import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, secrets, usageError } from '../core/index.js';
import { asGiven, type OptionKey } from '../plan/options/index.js';
import { parseTarget, type AuthSpec, type TargetSpec, type TargetWords } from '../target/index.js';
import type { CommandContext } from './command.js';
import type { NamedTarget } from './words.js';

/** Options that only a URL, or only a start command, has a use for. */
const onlyForUrls: readonly OptionKey[] = [
  'header',
  'bearer',
  'bearerCommand',
  'oauthTokenUrl',
  'oauthClientId',
  'insecure',
  'ca',
];
const onlyForCommands: readonly OptionKey[] = ['env', 'cwd'];

/**
 * What to measure: as named on the command line, else by the config file, else the bundled reference server. Whatever
 * in it is secret is known to the redaction afterwards.
 *
 * @throws DynoError (104): options that do not fit the target, a file that cannot be read, a URL that is none.
 */
export function targetSpec(context: CommandContext, named: NamedTarget): TargetSpec {
  const { settings, config, io } = context;
  secrets.addEnvironment(io.env);
  const headers = headersOf(settings.header ?? []);
  const env = Object.fromEntries((settings.env ?? []).map((pair) => splitPair(pair, '=')));
  const shared = {
    headers,
    env,
    auth: authOf(context),
    tls: tlsOf(context),
    cwd: settings.cwd === undefined ? undefined : resolve(io.cwd, settings.cwd),
  };
  const spec = parseTarget({ ...shared, ...wordsOf(named, config?.target, shared) });
  refuseStrangers(context, spec);
  registerSecrets(spec);
  return spec;
}

/** The command line's target wins over the config file's. */
function wordsOf(
  named: NamedTarget,
  configured: NonNullable<CommandContext['config']>['target'],
  given: { headers: Record<string, string>; env: Record<string, string>; cwd: string | undefined },
): TargetWords {
  if (named.kind === 'url') return { url: named.url };
  if (named.kind === 'command') return { command: named.command };
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

/** An option typed for this run that the target has no use for is a misunderstanding worth a word. */
function refuseStrangers({ origins, settings }: CommandContext, spec: TargetSpec): void {
  const isUrl = spec.kind === 'http' || spec.kind === 'sse';
  const strange = (isUrl ? onlyForCommands : onlyForUrls).find(
    (key) => origins[key].kind === 'flag' && settings[key] !== false,
  );
  if (strange === undefined) return;
  throw usageError(
    `${asGiven(strange, origins[strange])} is only for ${isUrl ? 'start commands' : 'URLs'}, and the target is ${
      isUrl ? 'a URL' : spec.kind === 'reference' ? 'the bundled reference server' : 'a start command'
    }`,
    isUrl ? 'Set it where the server is started.' : undefined,
  );
}

function registerSecrets(spec: TargetSpec): void {
  if (spec.kind === 'reference') return;
  if (spec.kind === 'stdio') {
    secrets.addEnvironment(spec.env);
    secrets.addArguments([spec.command, ...spec.args]);
    return;
  }
  secrets.addHeaders(spec.headers);
  secrets.addUrl(spec.url);
  const { auth } = spec;
  if (auth?.kind === 'bearer') secrets.add(auth.token);
  if (auth?.kind === 'bearer-command') secrets.addArguments(auth.command.split(/\s+/));
  if (auth?.kind === 'client-credentials') secrets.add(auth.clientSecret);
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
