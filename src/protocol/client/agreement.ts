import { isJsonObject, type JsonObject } from '../../core/json.js';
import { plain } from '../message/classify-response.js';
import { metaKeys, metaOf } from '../message/request-meta.js';
import { readImplementation } from '../server/client-facts.js';
import { protocolVersions, type Era, type Implementation, type ProtocolVersion } from '../types.js';

/** What both sides agreed on. */
export interface Agreement {
  era: Era;
  protocolVersion: ProtocolVersion;
  serverInfo: Implementation;
  capabilities: JsonObject;
  instructions: string | undefined;
}

/** The only revision of the stateless era. */
export const statelessVersion = '2026-07-28' satisfies ProtocolVersion;

/** The latest revision of the session era. */
export const latestSessionVersion = '2025-11-25' satisfies ProtocolVersion;

/** Whether a revision belongs to the session era, and is one we speak. */
export function isSessionVersion(version: unknown): version is ProtocolVersion {
  return version !== statelessVersion && (protocolVersions as readonly unknown[]).includes(version);
}

const unnamed: Implementation = { name: 'unknown', version: 'unknown' };

/** What the result of `initialize` or `server/discover` says, besides the revision. */
export function agreementFrom(era: Era, protocolVersion: ProtocolVersion, result: JsonObject): Agreement {
  const { capabilities, instructions, serverInfo } = result;
  return {
    era,
    protocolVersion,
    // In the stateless era the name travels in `_meta` of every result.
    serverInfo: plainly(
      readImplementation(serverInfo) ?? readImplementation(metaOf(result)?.[metaKeys.serverInfo]) ?? unnamed,
    ),
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

/** A name is shown everywhere, so it is made fit for that at once. */
function plainly({ name, version, title }: Implementation): Implementation {
  return {
    name: plain(name, 100),
    version: plain(version, 100),
    ...(title !== undefined && { title: plain(title, 100) }),
  };
}
