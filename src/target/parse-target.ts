import { usageError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import type { TlsOptions } from '../protocol/index.js';
import { rememberSecrets } from './remember-secrets.js';
import type { AuthSpec, TargetSpec } from './target-spec.js';

/** What the command line or a config file says of a target. */
export interface TargetWords {
  url?: string | undefined;
  /** A start command and its arguments. */
  command?: readonly string[] | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  auth?: AuthSpec | undefined;
  tls?: TlsOptions | undefined;
  env?: Readonly<Record<string, string>> | undefined;
  cwd?: string | undefined;
}

const schemes = ['http', 'https', 'sse+http', 'sse+https'];
const example = 'For example http://127.0.0.1:3000/mcp. A start command stands behind --.';

/**
 * The target that is meant: a URL, a start command, or the bundled reference server where neither is given. Its secrets
 * are known to {@link rememberSecrets} from then on.
 *
 * @throws DynoError (104) for a URL that cannot be used, an empty command, and both at once. Settings that the target has no use for
 * are left out, since the environment may set them for other targets.
 */
export function parseTarget(words: TargetWords): TargetSpec {
  const { url, command } = words;
  if (url !== undefined && command !== undefined) {
    throw usageError(
      `Expected one target, got the URL '${url}' and the command '${command.join(' ')}'`,
      'Give the URL, or the start command behind --.',
    );
  }
  const spec =
    command !== undefined
      ? stdioTarget(command, words)
      : url !== undefined
        ? urlTarget(url, words)
        : ({ kind: 'reference', transport: 'http', args: [] } satisfies TargetSpec);
  rememberSecrets(spec);
  return spec;
}

function stdioTarget(command: readonly string[], words: TargetWords): TargetSpec {
  const [program, ...args] = command;
  if (program === undefined || program === '') {
    throw usageError(
      'Expected a start command behind --, got nothing',
      'For example: dyno test -- node server.js',
    );
  }
  const env = { ...words.env };
  for (const name of Object.keys(env)) {
    if (name === '' || /[=\0]/.test(name)) {
      throw usageError(`Expected the name of an environment variable, got '${name}'`);
    }
  }
  return {
    kind: 'stdio',
    command: program,
    args,
    env,
    ...(words.cwd === undefined ? {} : { cwd: words.cwd }),
  };
}

function urlTarget(text: string, words: TargetWords): TargetSpec {
  const url = readUrl(text);
  const legacy = url.protocol.startsWith('sse+');
  const plain = legacy ? new URL(text.trim().replace(/^sse\+/i, '')) : url;
  const headers = checkedHeaders(words.headers ?? {});
  if (plain.username !== '' || plain.password !== '') {
    const user = `${decoded(plain.username)}:${decoded(plain.password)}`;
    if (!hasAuthorization(headers))
      headers['authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
    plain.username = plain.password = '';
  }
  if (words.auth !== undefined && hasAuthorization(headers)) {
    throw usageError(
      'Expected one way of authorization, got two: a token, and an Authorization header or user in the URL',
      'Leave one of them out.',
    );
  }
  plain.hash = '';
  return {
    kind: legacy ? 'sse' : 'http',
    url: plain.href,
    headers,
    ...(words.auth === undefined ? {} : { auth: words.auth }),
    ...(words.tls === undefined ? {} : { tls: words.tls }),
  };
}

function readUrl(raw: string): URL {
  const text = raw.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    // `localhost:3000/mcp` would be read as a URL of the scheme `localhost`.
    const hostLike = /^(\[[0-9a-f:.]+\]|[\w-]+(\.[\w-]+)*)(:\d+)?(\/\S*)?$/i.test(text);
    const meant = hostLike && (/^localhost\b|:\d+|^\d+(\.\d+){3}/.test(text) || /\.\w+\//.test(text));
    throw usageError(
      `Expected the target to be a URL with http:// or https://, got '${text}'`,
      meant ? `Did you mean http://${text}?` : example,
    );
  }
  if (!schemes.includes(scheme)) {
    throw usageError(
      `Expected the target's scheme to be one of ${schemes.join(', ')}, got '${scheme}'`,
      didYouMean(scheme, schemes) ?? example,
    );
  }
  // Reading `http:///mcp` as the host `mcp`, as browsers do, would hide the mistake.
  if (/^[^:]+:\/\/(?:[^/?#]*@)?(?:[/?#:]|$)/.test(text)) {
    throw usageError(`Expected the target to name a host, got '${text}'`, example);
  }
  if (!URL.canParse(text) || !URL.canParse(text.replace(/^sse\+/i, ''))) {
    const port = /:(\d+)(?:[/?#]|$)/.exec(text.slice(text.indexOf('//')))?.[1];
    throw usageError(
      Number(port) > 65_535
        ? `Expected the target's port to be at most 65535, got '${text}'`
        : `Expected the target to be a URL, got '${text}'`,
      'Check host and port.',
    );
  }
  return new URL(text);
}

function checkedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw usageError(`Expected the name of an HTTP header, got '${name}'`);
    }
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw usageError(
        `Expected the header ${name} to have a value without line breaks and control characters`,
      );
    }
  }
  return { ...headers };
}

function hasAuthorization(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
