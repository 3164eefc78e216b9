import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { Implementation } from '../types.js';

/** The reserved `_meta` keys of the stateless era (2026-07-28, "Requests"). */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** What a client says of itself in every request of the stateless era. */
export interface ClientIdentity {
  protocolVersion: string;
  capabilities: JsonObject;
  clientInfo?: Implementation;
}

/** The `_meta` of a request of the stateless era; entries of `meta` are kept, the reserved ones win. */
export function statelessMeta(identity: ClientIdentity, meta?: JsonObject): JsonObject {
  const { clientInfo } = identity;
  return {
    ...meta,
    [metaKeys.protocolVersion]: identity.protocolVersion,
    [metaKeys.clientCapabilities]: identity.capabilities,
    ...(clientInfo !== undefined && { [metaKeys.clientInfo]: { ...clientInfo } }),
  };
}

/** The `_meta` of a request's params; undefined where there is none. */
export function metaOf(params: JsonObject): JsonObject | undefined {
  const meta = params['_meta'];
  return isJsonObject(meta) ? meta : undefined;
}
