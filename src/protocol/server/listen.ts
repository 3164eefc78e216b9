import { isJsonObject, type JsonObject } from '../../core/json.js';
import { metaKeys } from '../message/request-meta.js';
import type { ServerCall } from './call.js';
import type { McpServer, ServerChange } from './mcp-server.js';
import { rpcCodes, RpcError } from './rpc-error.js';

interface Filter {
  toolsListChanged?: true;
  promptsListChanged?: true;
  resourcesListChanged?: true;
  resourceSubscriptions?: string[];
}

/**
 * `subscriptions/listen` (stateless era): acknowledges what of the wish can be kept, then sends those changes until the
 * client or the server ends it. A wish of which nothing can be kept ends at once.
 *
 * @internal
 */
export function listen(server: McpServer, call: ServerCall): object | Promise<object> {
  const wish = call.params['notifications'];
  if (!isJsonObject(wish)) {
    throw new RpcError(rpcCodes.invalidParams, "Invalid params: 'notifications' must be an object");
  }
  const filter = honoured(wish, server.capabilities);
  const _meta = { [metaKeys.subscriptionId]: call.requestId };
  call.notify('notifications/subscriptions/acknowledged', {
    notifications: { ...filter } as JsonObject,
    _meta,
  });
  const ended = { resultType: 'complete', _meta };
  if (Object.keys(filter).length === 0) return ended;
  return new Promise((resolve) => {
    const stop = server.onChange((change) => {
      const notification = notificationFor(change, filter);
      if (notification !== undefined) {
        const own = change.kind === 'resource' ? change.meta : undefined;
        call.notify(notification.method, { ...notification.params, _meta: { ...own, ..._meta } });
      }
    });
    call.onEnd(() => {
      stop();
      resolve(ended);
    });
  });
}

function honoured(wish: JsonObject, capabilities: JsonObject): Filter {
  const can = (part: string, what: string) => {
    const capability = capabilities[part];
    return isJsonObject(capability) && capability[what] === true;
  };
  const uris = wish['resourceSubscriptions'];
  const strings = Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : [];
  return {
    ...(wish['toolsListChanged'] === true && can('tools', 'listChanged') && { toolsListChanged: true }),
    ...(wish['promptsListChanged'] === true && can('prompts', 'listChanged') && { promptsListChanged: true }),
    ...(wish['resourcesListChanged'] === true &&
      can('resources', 'listChanged') && { resourcesListChanged: true }),
    ...(strings.length > 0 && can('resources', 'subscribe') && { resourceSubscriptions: strings }),
  };
}

function notificationFor(
  change: ServerChange,
  filter: Filter,
): { method: string; params?: JsonObject } | undefined {
  switch (change.kind) {
    case 'tools':
      return filter.toolsListChanged && { method: 'notifications/tools/list_changed' };
    case 'prompts':
      return filter.promptsListChanged && { method: 'notifications/prompts/list_changed' };
    case 'resources':
      return filter.resourcesListChanged && { method: 'notifications/resources/list_changed' };
    case 'resource':
      return filter.resourceSubscriptions?.includes(change.uri) === true
        ? { method: 'notifications/resources/updated', params: { uri: change.uri } }
        : undefined;
  }
}
