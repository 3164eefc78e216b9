import type { JsonObject } from '../../core/index.js';
import type { McpServer } from '../../protocol/index.js';
import type { Truth } from '../counting/truth.js';

/** Where the counts can be read as a resource. */
export const statsUri = 'dyno://stats';

/**
 * Makes the counts readable on every transport: the methods `dyno/stats` and `dyno/reset`, the resource
 * {@link statsUri}, and the tools `dyno_stats` and `dyno_reset`, which carry no hints so that no load calls them.
 */
export function addTruthAccess(server: McpServer, truth: Truth): void {
  const stats = () => truth.publish() as unknown as JsonObject;
  server.onRequest('dyno/stats', stats);
  server.onRequest('dyno/reset', () => {
    truth.reset();
    return {};
  });
  server.resource(
    {
      uri: statsUri,
      name: 'stats',
      description: 'What the server counted itself',
      mimeType: 'application/json',
    },
    (uri) => ({ contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(stats()) }] }),
  );
  server.tool({ name: 'dyno_stats', description: 'What the server counted itself' }, () => ({
    content: [{ type: 'text', text: JSON.stringify(stats()) }],
    structuredContent: stats(),
  }));
  server.tool({ name: 'dyno_reset', description: 'Sets the counts to zero' }, () => {
    truth.reset();
    return 'done';
  });
}
