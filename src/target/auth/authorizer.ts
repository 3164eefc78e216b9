import { secrets, type Clock } from '../../core/index.js';
import type { AuthorizationRequest } from '../../protocol/index.js';
import type { HttpTargetSpec } from '../target-spec.js';
import { runBearerCommand } from './bearer-command.js';
import { ClientCredentialsGrant } from './client-credentials.js';
import { TokenCache } from './token-cache.js';

/** Gives the value of the Authorization header; asked again with `refresh` after a 401. */
export type Authorizer = (request: AuthorizationRequest) => Promise<string | undefined>;

/**
 * What lets us in to a target. Tokens are fetched when first asked for, kept, and renewed shortly before they end or
 * after a 401; every one is known to {@link secrets} from then on.
 */
export function authorizer(spec: HttpTargetSpec, clock?: Clock): Authorizer {
  const { auth } = spec;
  if (auth === undefined) return () => Promise.resolve(undefined);
  if (auth.kind === 'bearer') {
    secrets.add(auth.token);
    return () => Promise.resolve(`Bearer ${auth.token}`);
  }
  if (auth.kind === 'client-credentials') secrets.add(auth.clientSecret);
  else secrets.addArguments(auth.command.split(/\s+/));
  const cache =
    auth.kind === 'bearer-command'
      ? new TokenCache(async () => ({ token: await runBearerCommand(auth.command, auth.timeoutMs) }), clock)
      : grantCache(new ClientCredentialsGrant(auth, new URL(spec.url), spec.tls), clock);
  return async ({ refresh, challenge }) => `Bearer ${await cache.token(refresh, challenge)}`;
}

function grantCache(grant: ClientCredentialsGrant, clock: Clock | undefined): TokenCache {
  return new TokenCache((challenge) => grant.issue(challenge), clock);
}
