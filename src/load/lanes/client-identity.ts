import type { JsonObject } from '../../core/json.js';
import { version } from '../../core/version.js';
import { statelessMeta } from '../../protocol/message/request-meta.js';
import type { LoadDialect } from '../load-target.js';

/** How load threads introduce themselves. */
export const clientInfo = { name: 'mcp-dyno', version };

/** What the load can answer, as client capabilities. */
export function clientCapabilities(dialect: LoadDialect): JsonObject {
  const methods = Object.keys(dialect.answers ?? {});
  const capabilities: JsonObject = {};
  if (methods.includes('sampling/createMessage')) capabilities['sampling'] = {};
  if (methods.includes('elicitation/create')) capabilities['elicitation'] = {};
  if (methods.includes('roots/list')) capabilities['roots'] = {};
  return capabilities;
}

/** `_meta` of every request in the stateless era (2026-07-28). */
export function requestMeta(dialect: LoadDialect): JsonObject {
  const { protocolVersion } = dialect;
  return statelessMeta({ protocolVersion, capabilities: clientCapabilities(dialect), clientInfo });
}

/** The params of `initialize` in the session era. */
export function initializeParams(dialect: LoadDialect): JsonObject {
  return { protocolVersion: dialect.protocolVersion, capabilities: clientCapabilities(dialect), clientInfo };
}
