import type { IncomingHttpHeaders } from 'node:http';

const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Says what is wrong with a request's `Host` or `Origin`, undefined where nothing is. @internal */
export type OriginCheck = (headers: IncomingHttpHeaders) => string | undefined;

/**
 * Guards a server on loopback against DNS rebinding: `Host` and, where there is one, `Origin` must name an allowed host.
 *
 * @param allowed names; loopback names when listening on loopback, else everything is let through.
 * @internal
 */
export function originCheck(host: string, allowed: readonly string[] | undefined): OriginCheck {
  const names = allowed ?? (isLoopback(host) ? loopbackNames : undefined);
  if (names === undefined) return () => undefined;
  let lastGood: string | undefined;
  return (headers) => {
    const { host: named, origin } = headers;
    if (named === undefined) return 'the Host header is missing';
    if (named !== lastGood) {
      if (!names.includes(hostOf(`http://${named}`) ?? '')) return `the Host '${named}' is not allowed`;
      lastGood = named;
    }
    if (origin !== undefined && !names.includes(hostOf(origin) ?? ''))
      return `the Origin '${origin}' is not allowed`;
    return undefined;
  };
}

function isLoopback(host: string): boolean {
  return loopbackNames.includes(host) || host.startsWith('127.');
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return undefined;
  }
}
