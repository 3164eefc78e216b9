import { isJsonObject, type Json, type JsonObject } from '../../core/index.js';
import type { Registration } from './service.js';

/** An entry of the public registry, or why it cannot be registered. */
export type ReadServer =
  | { readonly registration: Registration; readonly skipped?: undefined }
  | { readonly skipped: string; readonly name: string; readonly deleted?: true };

const extensions = 'io.modelcontextprotocol.registry/official';
const maxDescription = 500;

/**
 * A registration from an entry of the public registry's list: the server's `server.json` and what the registry adds to
 * it (generic registry API of 2025-10-17). The first remote endpoint that needs no variables is where the service is;
 * without one, the first package, as a package URL. Values of headers, arguments and environment are left out: they may
 * be secrets, and are the client's to give.
 */
export function readServer(entry: Json, origin: string): ReadServer {
  if (!isJsonObject(entry)) return { skipped: 'the entry is no object', name: '?' };
  const server = isJsonObject(entry['server']) ? entry['server'] : entry;
  const meta = isJsonObject(entry['_meta']) ? entry['_meta'] : {};
  const official = isJsonObject(meta[extensions]) ? meta[extensions] : {};
  const name = text(server['name']);
  if (name === undefined) return { skipped: 'it has no name', name: '?' };
  const status = text(official['status']) ?? text(server['status']) ?? 'active';
  if (status === 'deleted') return { skipped: 'it was deleted', name, deleted: true };

  const remotes = objects(server['remotes']);
  const packages = objects(server['packages']);
  const endpoint = remotes.map(remoteUrl).find(Boolean) ?? packages.map(packageUrl).find(Boolean);
  if (endpoint === undefined) {
    const why = remotes.length > 0 ? 'its remotes need variables' : 'it has neither a remote nor a package';
    return { skipped: why, name };
  }
  const transports = remotes.map((remote) => text(remote['type']) ?? text(remote['transport_type']));
  const kinds = packages.map((one) => text(one['registryType']) ?? text(one['registry_type']));
  const tags = new Set([`registry:${origin}`, `status:${status}`]);
  for (const transport of transports) if (transport !== undefined) tags.add(`remote:${transport}`);
  for (const kind of kinds) if (kind !== undefined) tags.add(`package:${kind}`);
  const repository = isJsonObject(server['repository']) ? text(server['repository']['url']) : undefined;
  const title = text(server['title']);
  const updatedAt = text(official['updatedAt']);
  return {
    registration: {
      name,
      type: 'mcp_server',
      version: text(server['version']) ?? '0.0.0',
      endpoint,
      tags: [...tags].slice(0, 64),
      metadata: {
        description: (text(server['description']) ?? '').slice(0, maxDescription),
        ...(title !== undefined && { title: title.slice(0, maxDescription) }),
        ...(repository !== undefined && { repository: repository.slice(0, maxDescription) }),
        ...(updatedAt !== undefined && { updatedAt: updatedAt.slice(0, 40) }),
        remotes: remotes.slice(0, 20).map((remote) => ({
          type: text(remote['type']) ?? text(remote['transport_type']) ?? '',
          url: (text(remote['url']) ?? '').slice(0, maxDescription),
          headers: names(remote['headers']),
        })),
        packages: packages.slice(0, 20).map((one) => ({
          registryType: text(one['registryType']) ?? text(one['registry_type']) ?? '',
          identifier: (text(one['identifier']) ?? '').slice(0, maxDescription),
          version: text(one['version']) ?? '',
          environmentVariables: names(one['environmentVariables'] ?? one['environment_variables']),
        })),
      },
      // Nobody sends heartbeats for it, and nobody has seen it alive.
      ttl: 'none',
      state: 'starting',
      id: undefined,
    },
  };
}

function remoteUrl(remote: JsonObject): string | undefined {
  const url = text(remote['url']);
  if (url === undefined || url.includes('{') || !/^https?:\/\//i.test(url)) return undefined;
  const transport = text(remote['type']) ?? text(remote['transport_type']);
  return transport === 'sse' ? `sse+${url}` : url;
}

/** A package URL (purl), such as `pkg:npm/%40scope/name@1.0.0`. */
function packageUrl(one: JsonObject): string | undefined {
  const kind = text(one['registryType']) ?? text(one['registry_type']);
  const identifier = text(one['identifier']);
  if (kind === undefined || identifier === undefined || !/^[a-z][a-z0-9.+-]*$/.test(kind)) return undefined;
  if (/^https:\/\//i.test(identifier)) return identifier;
  const version = text(one['version']);
  const path = identifier.split('/').map(encodeURIComponent).join('/');
  return `pkg:${kind}/${path}${version === undefined ? '' : `@${encodeURIComponent(version)}`}`;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function names(value: Json | undefined): string[] {
  return objects(value)
    .slice(0, 50)
    .map((input) => (text(input['name']) ?? '').slice(0, 200));
}
