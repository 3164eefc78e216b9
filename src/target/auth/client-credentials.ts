import { secrets, unreachableError, usageError } from '../../core/index.js';
import type { TlsOptions } from '../../protocol/index.js';
import type { AuthSpec } from '../target-spec.js';
import { excerptOf, exchange, isConfidential, jsonObjectIn, type TextAnswer } from './authorization-http.js';
import { canonical, discoverTokenEndpoint, type TokenEndpoint } from './oauth-discovery.js';
import type { IssuedToken } from './token-cache.js';

type ClientCredentials = Extract<AuthSpec, { kind: 'client-credentials' }>;

/**
 * Tokens by the client credentials grant (OAuth 2.1, section 4.2). The token endpoint is found once, unless it was given;
 * there is no refresh token in this grant, so renewing is asking again.
 */
export class ClientCredentialsGrant {
  readonly #spec: ClientCredentials;
  readonly #server: URL;
  readonly #tls: TlsOptions | undefined;
  #endpoint: TokenEndpoint | undefined;

  constructor(spec: ClientCredentials, server: URL, tls: TlsOptions | undefined) {
    this.#spec = spec;
    this.#server = server;
    this.#tls = tls;
  }

  /** @throws DynoError (111) when no endpoint is found, it refuses, or it answers something else than a bearer token. */
  async issue(challenge: string | undefined): Promise<IssuedToken> {
    this.#endpoint ??= this.#given() ?? (await discoverTokenEndpoint(this.#server, challenge, this.#tls));
    const endpoint = this.#endpoint;
    if (!isConfidential(endpoint.url)) {
      throw unreachableError(
        `The client secret is not sent to ${endpoint.url.href}: it is neither https nor this machine`,
        'Use the https address of the token endpoint.',
      );
    }
    const answer = await exchange(endpoint.url, this.#request(endpoint), this.#tls);
    return tokenIn(answer, endpoint.url);
  }

  #given(): TokenEndpoint | undefined {
    const { tokenUrl } = this.#spec;
    if (tokenUrl === undefined) return undefined;
    if (!URL.canParse(tokenUrl))
      throw usageError(`Expected --oauth-token-url to be a URL, got '${tokenUrl}'`);
    return { url: new URL(tokenUrl), authMethods: [], scopes: [], resource: canonical(this.#server) };
  }

  #request({ authMethods, scopes, resource }: TokenEndpoint) {
    const { clientId, clientSecret, scope = scopes.join(' ') } = this.#spec;
    const form = new URLSearchParams({ grant_type: 'client_credentials', resource });
    if (scope !== '') form.set('scope', scope);
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    // Basic is what a server supports that does not say (RFC 8414, section 2).
    const inBody = !authMethods.includes('client_secret_basic') && authMethods.includes('client_secret_post');
    if (inBody) {
      form.set('client_id', clientId);
      form.set('client_secret', clientSecret);
    } else {
      const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
    return { method: 'POST' as const, headers, body: form.toString() };
  }
}

/** Both halves of a Basic pair are form-encoded first (RFC 6749, section 2.3.1). */
function formEncoded(value: string): string {
  return new URLSearchParams([['', value]]).toString().slice(1);
}

function tokenIn(answer: TextAnswer, url: URL): IssuedToken {
  const body = jsonObjectIn(answer);
  if (answer.status < 200 || answer.status >= 300) {
    const error = typeof body?.['error'] === 'string' ? body['error'] : undefined;
    const description = body?.['error_description'];
    const details =
      typeof description === 'string' ? `${error ?? ''}: ${description}` : (error ?? excerptOf(answer));
    throw unreachableError(
      `The token endpoint ${url.href} refused the client (${answer.status}): ${excerptOf({ ...answer, text: details })}`,
      hintFor(error),
    );
  }
  const token = body?.['access_token'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw unreachableError(`The token endpoint ${url.href} answered without a usable access_token`);
  }
  const type = body?.['token_type'];
  if (typeof type === 'string' && type.toLowerCase() !== 'bearer') {
    throw unreachableError(
      `The token endpoint ${url.href} gave a token of type '${excerptOf({ ...answer, text: type })}', not a bearer token`,
    );
  }
  secrets.add(token);
  const seconds = Number(body?.['expires_in'] ?? Number.NaN);
  return { token, lifetimeMs: seconds > 0 ? seconds * 1000 : undefined };
}

function hintFor(error: string | undefined): string | undefined {
  if (error === 'invalid_client') return 'Check client id and client secret.';
  if (error === 'invalid_scope') return 'Check --oauth-scope.';
  if (error === 'invalid_target')
    return 'The authorization server does not know this MCP server as a resource.';
  if (error === 'unauthorized_client' || error === 'unsupported_grant_type') {
    return 'The client must be allowed to use the client_credentials grant.';
  }
  return undefined;
}
