import { usageError } from '../core/errors.js';
import type { AuthorizationRequest } from '../protocol/index.js';
import type { HttpTargetSpec } from './target-spec.js';

/** What gives the Authorization header of a target, again after a 401. */
export function authorizer(
  spec: HttpTargetSpec,
): (request: AuthorizationRequest) => Promise<string | undefined> {
  const { auth } = spec;
  if (auth === undefined) return () => Promise.resolve(undefined);
  if (auth.kind === 'bearer') return () => Promise.resolve(`Bearer ${auth.token}`);
  throw usageError(`This way of authorization is not built in: ${auth.kind}`);
}
