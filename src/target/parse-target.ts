import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import type { TlsOptions } from '../protocol/index.js';
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

const schemes = ['http:', 'https:', 'sse+http:', 'sse+https:'];

/**
 * The target that is meant: a URL, a start command, or the bundled reference server where neither is given.
 *
 * @throws DynoError (104) for a URL that cannot be used, an empty command, or both at once.
 */
export function parseTarget(words: TargetWords): TargetSpec {
  const { url, command } = words;
  if (url !== undefined && command !== undefined) {
    throw usageError(
      `Expected one target, got the URL '${url}' and the command '${command.join(' ')}'`,
      'Give the URL, or the start command behind --.',
    );
  }
  if (command !== undefined) return stdioTarget(command, words);
  if (url !== undefined) return urlTarget(url, words);
  return { kind: 'reference', transport: 'http', args: [] };
}

function stdioTarget(command: readonly string[], words: TargetWords): TargetSpec {
  const [program, ...args] = command;
  if (program === undefined || program === '') {
    throw usageError(
      'Expected a start command behind --, got nothing',
      'For example: dyno test -- node server.js',
    );
  }
  return {
    kind: 'stdio',
    command: program,
    args,
    env: { ...words.env },
    ...(words.cwd === undefined ? {} : { cwd: words.cwd }),
  };
}

function urlTarget(text: string, words: TargetWords): TargetSpec {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
    throw usageError(
      `Expected the target to be a URL, got '${text}'`,
      scheme
        ? 'Check host and port.'
        : `A URL begins with http:// or https://; a start command stands behind --.`,
    );
  }
  if (!schemes.includes(url.protocol)) {
    const near = nearest(url.protocol, schemes);
    throw usageError(
      `Expected the target's scheme to be one of http, https, sse+http, sse+https, got '${url.protocol.slice(0, -1)}'`,
      near === undefined ? 'A start command stands behind --.' : `Did you mean '${near.slice(0, -1)}'?`,
    );
  }
  const legacy = url.protocol.startsWith('sse+');
  const plain = legacy ? new URL(text.replace(/^sse\+/i, '')) : url;
  if (plain.hostname === '') throw usageError(`Expected the target to name a host, got '${text}'`);
  const auth = words.auth ?? undefined;
  const headers = { ...words.headers };
  if (plain.username !== '' || plain.password !== '') {
    const user = `${decodeURIComponent(plain.username)}:${decodeURIComponent(plain.password)}`;
    headers['authorization'] ??= `Basic ${Buffer.from(user).toString('base64')}`;
    plain.username = plain.password = '';
  }
  return {
    kind: legacy ? 'sse' : 'http',
    url: plain.href,
    headers,
    ...(auth === undefined ? {} : { auth }),
    ...(words.tls === undefined ? {} : { tls: words.tls }),
  };
}
