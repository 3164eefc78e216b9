import { isJsonObject, type JsonObject } from '../../core/json.js';
import { plain } from '../message/classify-response.js';
import { rpcCodes } from '../server/rpc-error.js';
import type { ProtocolVersion } from '../types.js';
import { WireError } from '../wire-error.js';
import { agreementFrom, isSessionVersion, statelessVersion } from './agreement.js';
import type { Connection, ConnectionParts } from './connection.js';

/** Time left for a handshake. */
export type TimeLeft = () => number;

/**
 * Opens a session: `initialize`, then `notifications/initialized`.
 *
 * @param exact accept only the revision asked for.
 * @throws WireError
 */
export async function openSession(
  connection: Connection,
  parts: ConnectionParts,
  version: ProtocolVersion,
  exact: boolean,
  timeLeft: TimeLeft,
): Promise<void> {
  const { link, options, clientInfo } = parts;
  link.agree('session', undefined);
  const params: JsonObject = {
    protocolVersion: version,
    capabilities: options.capabilities ?? {},
    clientInfo: { ...clientInfo },
  };
  const request = { method: 'initialize', params };
  const result = await connection.exchange(
    request,
    { timeoutMs: timeLeft(), signal: options.signal },
    'session',
  );
  const agreed = result['protocolVersion'];
  if (!isSessionVersion(agreed) || (exact && agreed !== version)) {
    const said =
      typeof agreed === 'string' ? `protocol version '${plain(agreed, 40)}'` : 'no protocol version';
    const wanted = exact ? version : 'one that this client speaks';
    throw new WireError(`initialize was answered with ${said}, expected ${wanted}`, { outcome: 'mismatch' });
  }
  connection.agreement = agreementFrom('session', agreed, result);
  await link.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  if (options.listen ?? (options.onRequest !== undefined || options.onNotification !== undefined))
    await link.listen();
}

/** What asking for the stateless era came to. */
export type DiscoverOutcome =
  | { kind: 'stateless' }
  /** Not this era; `error` says why. */
  | { kind: 'other'; error: WireError }
  /** A server of the stateless era that has no revision in common with us. */
  | { kind: 'incompatible'; supported: string[] };

/**
 * Asks `server/discover` and agrees on the stateless era where the server speaks it.
 *
 * @throws WireError where the server cannot be reached at all, or refuses the client (401, 403).
 */
export async function discoverStateless(
  connection: Connection,
  parts: ConnectionParts,
  timeoutMs: number,
  again = false,
): Promise<DiscoverOutcome> {
  parts.link.agree('stateless', statelessVersion);
  let result: JsonObject;
  try {
    const request = { method: 'server/discover', params: {} };
    result = await connection.exchange(request, { timeoutMs, signal: parts.options.signal }, 'stateless');
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // Told to take the revision that it was asked with: then it shall.
    if (!again && supportedIn(error)?.includes(statelessVersion) === true) {
      return await discoverStateless(connection, parts, timeoutMs, true);
    }
    return verdictOf(error, connection);
  }
  const versions = result['supportedVersions'];
  if (!Array.isArray(versions)) {
    return {
      kind: 'other',
      error: new WireError('server/discover names no versions', { outcome: 'mismatch' }),
    };
  }
  return agreeOn(versions, connection, result);
}

function verdictOf(error: WireError, connection: Connection): DiscoverOutcome {
  if (error.outcome === 'connect' || error.status === 401 || error.status === 403) throw error;
  switch (error.rpcCode) {
    case rpcCodes.unsupportedVersion:
      return agreeOn(supportedIn(error) ?? [], connection, {});
    case rpcCodes.headerMismatch:
    case rpcCodes.missingCapability:
      // Only a server of the stateless era says so, even if it does not want to be discovered.
      connection.agreement = agreementFrom('stateless', statelessVersion, {});
      return { kind: 'stateless' };
    default:
      return { kind: 'other', error };
  }
}

/** The revisions that a refusal (-32022) names. */
function supportedIn(error: WireError): unknown[] | undefined {
  if (error.rpcCode !== rpcCodes.unsupportedVersion || !isJsonObject(error.data)) return undefined;
  const { supported } = error.data;
  return Array.isArray(supported) ? supported : undefined;
}

function agreeOn(versions: readonly unknown[], connection: Connection, result: JsonObject): DiscoverOutcome {
  if (versions.includes(statelessVersion)) {
    connection.agreement = agreementFrom('stateless', statelessVersion, result);
    return { kind: 'stateless' };
  }
  const supported = versions.filter((version) => typeof version === 'string');
  if (supported.some(isSessionVersion)) {
    const error = new WireError('the server speaks the session era only', { outcome: 'mismatch' });
    return { kind: 'other', error };
  }
  return { kind: 'incompatible', supported };
}

/** The error for a server with which no revision is shared. */
export function incompatible(supported: readonly string[]): WireError {
  const spoken = supported.length === 0 ? 'none that it names' : plain(supported.join(', '), 100);
  return new WireError(`no common protocol version: the server speaks ${spoken}`, {
    outcome: 'mismatch',
    rpcCode: rpcCodes.unsupportedVersion,
  });
}
