import { isJsonObject, type JsonObject } from '../../core/json.js';
import { severities } from '../../core/severities.js';
import { metaKeys } from '../message/request-meta.js';
import type { Era, Implementation } from '../types.js';
import { rpcCodes, RpcError } from './rpc-error.js';
import type { LogLevel } from './server-types.js';

/** What is known of the client: from `initialize` in the session era, from each request in the stateless one. */
export interface ClientFacts {
  era: Era;
  protocolVersion: string;
  clientInfo: Implementation | undefined;
  capabilities: JsonObject;
  /** Messages below it are not sent; undefined: session era all, stateless era none. */
  logLevel: LogLevel | undefined;
}

/** The revisions of the stateless era that are served. */
export const statelessVersions: readonly string[] = ['2026-07-28'];

/** The revisions of the session era that are served, oldest first. */
export const sessionVersions: readonly string[] = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];

/** @internal */
export function isLogLevel(value: unknown): value is LogLevel {
  return (severities as readonly unknown[]).includes(value);
}

/** The facts of a client that has not introduced itself. */
export function unknownClient(protocolVersion: string): ClientFacts {
  return {
    era: 'session',
    protocolVersion,
    clientInfo: undefined,
    capabilities: {},
    logLevel: undefined,
  };
}

/** Whether a request claims the stateless era: its `_meta` names a protocol version. */
export function claimsStateless(meta: JsonObject | undefined): meta is JsonObject {
  return meta !== undefined && meta[metaKeys.protocolVersion] !== undefined;
}

/**
 * The facts in the `_meta` of a stateless request.
 *
 * @throws RpcError with HTTP status 400: -32602 where a required entry is missing or malformed, -32022 for a revision
 *   that is not served.
 */
export function statelessFacts(meta: JsonObject | undefined): ClientFacts {
  const version = meta?.[metaKeys.protocolVersion];
  if (typeof version !== 'string') throw envelopeError(metaKeys.protocolVersion, version);
  const capabilities = meta?.[metaKeys.clientCapabilities];
  if (!isJsonObject(capabilities)) throw envelopeError(metaKeys.clientCapabilities, capabilities);
  if (!statelessVersions.includes(version)) throw unsupportedVersion(version);
  const level = meta?.[metaKeys.logLevel];
  return {
    era: 'stateless',
    protocolVersion: version,
    clientInfo: readImplementation(meta?.[metaKeys.clientInfo]),
    capabilities,
    logLevel: isLogLevel(level) ? level : undefined,
  };
}

/** The -32022 that names what is served. */
export function unsupportedVersion(requested: string | undefined): RpcError {
  return new RpcError(
    rpcCodes.unsupportedVersion,
    `Unsupported protocol version${requested === undefined ? '' : `: ${requested}`}`,
    { supported: [...statelessVersions], ...(requested !== undefined && { requested }) },
    400,
  );
}

function envelopeError(key: string, value: unknown): RpcError {
  const problem = value === undefined ? 'missing' : 'malformed';
  return new RpcError(
    rpcCodes.invalidParams,
    `Invalid params: _meta entry ${key} is ${problem}`,
    { envelope: { [problem]: [key] } },
    400,
  );
}

/** A name and version, where the value is one. */
export function readImplementation(value: unknown): Implementation | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, version, title } = value;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  return { name, version, ...(typeof title === 'string' && { title }) };
}
