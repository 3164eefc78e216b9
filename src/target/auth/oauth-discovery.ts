import { unreachableError, type JsonObject } from '../../core/index.js';
import type { TlsOptions } from '../../protocol/index.js';
import { exchange, jsonObjectIn } from './authorization-http.js';

/** What is needed to ask for a token. */
export interface TokenEndpoint {
  url: URL;
  /** As in RFC 8414; empty where the server does not say. */
  authMethods: string[];
  /** Scopes that the resource asks for; empty where it does not say. */
  scopes: string[];
  /** The resource that the token is for (RFC 8707). */
  resource: string;
}

/** What a server says of itself as a protected resource (RFC 9728), as far as it is needed. */
interface ProtectedResource {
  issuer: URL;
  resource: string;
  scopes: string[];
}

/**
 * Finds the token endpoint for an MCP server as its authorization specification says: the `resource_metadata` of a
 * WWW-Authenticate header, else the well-known places of RFC 9728; then the authorization server's metadata (RFC 8414,
 * OpenID Connect Discovery). A server that has no protected resource metadata is its own authorization server, as up
 * to revision 2025-03-26.
 *
 * @param challenge the WWW-Authenticate header of a refusal, where there was one.
 * @throws DynoError (111) that says what was looked for and where.
 */
export async function discoverTokenEndpoint(
  server: URL,
  challenge: string | undefined,
  tls: TlsOptions | undefined,
): Promise<TokenEndpoint> {
  const parameters = challengeParameters(challenge ?? (await provokeChallenge(server, tls)) ?? '');
  const resource = await findResource(server, parameters.get('resource_metadata'), tls);
  const issuer = resource?.issuer ?? new URL(server.origin);
  const metadata = await findIssuer(issuer, tls);
  const scope = parameters.get('scope');
  const common = {
    resource: resource?.resource ?? canonical(server),
    scopes: scope === undefined ? (resource?.scopes ?? []) : scope.split(' '),
  };
  if (metadata === undefined) {
    if (resource !== undefined) {
      throw unreachableError(
        `The authorization server ${issuer.href} has no metadata (RFC 8414) at ${issuerPlaces(issuer)[0]!.href}`,
        'Give its token endpoint with --oauth-token-url.',
      );
    }
    throw unreachableError(
      `No token endpoint was found for ${canonical(server)}: neither protected resource metadata (RFC 9728) nor authorization server metadata (RFC 8414) is there`,
      'Give the token endpoint with --oauth-token-url.',
    );
  }
  return { ...readMetadata(metadata, issuer), ...common };
}

/** The parameters of the first Bearer challenge (RFC 9110, section 11.6.1). */
export function challengeParameters(challenge: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const bearer = /(?:^|,)\s*Bearer\s+(.*)$/is.exec(challenge)?.[1] ?? '';
  for (const [, name, quoted, plain] of bearer.matchAll(
    /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    if (!parameters.has(name!.toLowerCase())) {
      parameters.set(name!.toLowerCase(), plain ?? quoted!.replace(/\\(.)/g, '$1'));
    }
  }
  return parameters;
}

/** The WWW-Authenticate header that a request without a token is refused with. */
async function provokeChallenge(server: URL, tls: TlsOptions | undefined): Promise<string | undefined> {
  // A GET opens no session, and its answer may be an endless stream: the head is enough.
  const headers = { accept: 'text/event-stream' };
  const answer = await exchange(server, { method: 'GET', headers, headOnly: true }, tls);
  return answer.status === 401 ? answer.headers.get('www-authenticate') : undefined;
}

async function findResource(
  server: URL,
  told: string | undefined,
  tls: TlsOptions | undefined,
): Promise<ProtectedResource | undefined> {
  const path = server.pathname === '/' ? '' : server.pathname;
  const wellKnown = '/.well-known/oauth-protected-resource';
  const places =
    told === undefined
      ? [...new Set([wellKnown + path, wellKnown])].map((place) => new URL(place, server.origin))
      : [urlIn(told, 'the resource_metadata of the server')];
  for (const place of places) {
    const metadata = await fetchMetadata(place, tls);
    if (metadata === undefined) continue;
    const resource = text(metadata, 'resource');
    // Metadata of another resource could send our secret to another's authorization server (RFC 9728, section 3.3).
    if (resource === undefined || !covers(resource, server)) {
      throw unreachableError(
        `The protected resource metadata at ${place.href} is for ${resource ?? 'no resource'}, not for ${canonical(server)}`,
        'Use the URL that it names, or give the token endpoint with --oauth-token-url.',
      );
    }
    const issuer = strings(metadata, 'authorization_servers')[0];
    if (issuer === undefined) {
      throw unreachableError(
        `The protected resource metadata at ${place.href} names no authorization server`,
        'Give the token endpoint with --oauth-token-url.',
      );
    }
    return {
      resource,
      issuer: urlIn(issuer, `the authorization server in ${place.href}`),
      scopes: strings(metadata, 'scopes_supported'),
    };
  }
  if (told !== undefined) {
    throw unreachableError(`There is no protected resource metadata at ${told}, where the server says it is`);
  }
  return undefined;
}

async function findIssuer(issuer: URL, tls: TlsOptions | undefined): Promise<JsonObject | undefined> {
  for (const place of issuerPlaces(issuer)) {
    const metadata = await fetchMetadata(place, tls);
    if (metadata !== undefined) return metadata;
  }
  return undefined;
}

/** Where an issuer's metadata may be, in the order that MCP gives. */
function issuerPlaces(issuer: URL): URL[] {
  const path = issuer.pathname.replace(/\/$/, '');
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(places)].map((place) => new URL(place, issuer.origin));
}

function readMetadata(metadata: JsonObject, issuer: URL): Pick<TokenEndpoint, 'url' | 'authMethods'> {
  const named = text(metadata, 'issuer');
  if (named === undefined || urlIn(named, 'the issuer').href !== issuer.href) {
    throw unreachableError(
      `The authorization server ${issuer.href} says that it is ${named ?? 'nobody'} (RFC 8414, section 3.3)`,
      'Give the token endpoint with --oauth-token-url if that is right.',
    );
  }
  const endpoint = text(metadata, 'token_endpoint');
  if (endpoint === undefined)
    throw unreachableError(`The authorization server ${issuer.href} names no token_endpoint`);
  const grants = strings(metadata, 'grant_types_supported');
  if (grants.length > 0 && !grants.includes('client_credentials')) {
    throw unreachableError(
      `The authorization server ${issuer.href} does not offer client credentials, only ${grants.join(', ')}`,
      'Get a token another way and give it with --bearer or --bearer-command.',
    );
  }
  return {
    url: urlIn(endpoint, `the token endpoint of ${issuer.href}`),
    authMethods: strings(metadata, 'token_endpoint_auth_methods_supported'),
  };
}

async function fetchMetadata(place: URL, tls: TlsOptions | undefined): Promise<JsonObject | undefined> {
  const answer = await exchange(place, { method: 'GET' }, tls);
  return answer.status === 200 ? jsonObjectIn(answer) : undefined;
}

function covers(resource: string, server: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname } = new URL(resource);
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return origin === server.origin && `${server.pathname}/`.startsWith(folder);
}

/** The server's address as a resource indicator: no query, no fragment, no slash at the end (RFC 8707). */
export function canonical(server: URL): string {
  return server.origin + (server.pathname === '/' ? '' : server.pathname);
}

function urlIn(value: string, what: string): URL {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value);
  throw unreachableError(`Expected ${what} to be an http(s) URL, got '${value.slice(0, 200)}'`);
}

function text(metadata: JsonObject, key: string): string | undefined {
  const value = metadata[key];
  return typeof value === 'string' ? value : undefined;
}

function strings(metadata: JsonObject, key: string): string[] {
  const value = metadata[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
