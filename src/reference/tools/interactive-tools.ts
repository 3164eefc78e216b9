import type { JsonObject } from '../../core/index.js';
import type { CallContext, McpServer } from '../../protocol/index.js';
import type { Truth } from '../counting/truth.js';

/** What each tool asks the client, and what it makes of the answer. */
const questions: readonly {
  name: string;
  description: string;
  method: string;
  params: JsonObject;
  read: (answer: JsonObject) => string;
}[] = [
  {
    name: 'count_roots',
    description: 'Asks the client for its roots and counts them.',
    method: 'roots/list',
    params: {},
    read: ({ roots }) => `${Array.isArray(roots) ? roots.length : 0} roots`,
  },
  {
    name: 'summarise_stock',
    description: "Asks the client's model for a summary of the stock.",
    method: 'sampling/createMessage',
    params: {
      messages: [{ role: 'user', content: { type: 'text', text: 'Summarise: 200 items in 5 warehouses.' } }],
      maxTokens: 100,
    },
    read: ({ content }) => JSON.stringify(content ?? null),
  },
  {
    name: 'confirm_order',
    description: 'Asks the user to confirm an order.',
    method: 'elicitation/create',
    params: {
      message: 'Order 40 hex bolts?',
      requestedSchema: {
        type: 'object',
        properties: { confirm: { type: 'boolean' } },
        required: ['confirm'],
      },
    },
    read: ({ action }) => `the user chose to ${String(action)}`,
  },
];

/** Tools that cannot answer without the client: roots, sampling, elicitation. */
export function addInteractiveTools(server: McpServer, truth: Truth): void {
  for (const { name, description, method, params, read } of questions) {
    const annotations = { readOnlyHint: true, openWorldHint: false };
    server.tool({ name, description, annotations }, async (_args: JsonObject, call: CallContext) => {
      // In the stateless era the handler runs once per round, so it is counted when it comes to its end.
      const answer = await call.request(method, params);
      truth.arrived(name, 'ok', false);
      truth.answered(0, 0);
      return read(answer);
    });
  }
}
