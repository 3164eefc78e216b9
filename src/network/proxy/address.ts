import { printableLine, usageError } from '../../core/index.js';

/** Where to listen, or where to connect to. */
export interface Address {
  host: string;
  port: number;
}

/**
 * An address from `3000`, `127.0.0.1:3000`, `[::1]:3000` or an http(s) URL.
 *
 * @throws DynoError (104) that names `what`.
 */
export function readAddress(text: string, what: string, options: { zero?: boolean } = {}): Address {
  const parsed = fromUrl(text) ?? fromPair(text);
  const lowest = options.zero === true ? 0 : 1;
  if (parsed === undefined || !(parsed.port >= lowest && parsed.port <= 65_535)) {
    throw usageError(
      `Expected ${what} to be HOST:PORT or a port from ${lowest} to 65535, got '${printableLine(text, 60)}'`,
    );
  }
  return parsed;
}

function fromUrl(text: string): Address | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  try {
    const { hostname, port, protocol } = new URL(text);
    const host = hostname.replace(/^\[|\]$/g, '');
    return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
  } catch {
    return undefined;
  }
}

function fromPair(text: string): Address | undefined {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):)?(\d{1,5})$/.exec(text.trim());
  if (!match) return undefined;
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port: Number(match[3]) };
}

/** As one would type it. */
export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
