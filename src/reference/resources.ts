import type { McpServer } from '../protocol/index.js';
import { warehouses, type Stock } from './tools/stock.js';

const json = (uri: string, value: unknown) => ({
  contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(value) }],
});

/** Adds the inventory's resources, prompts and completions. */
export function addResourcesAndPrompts(server: McpServer, stock: Stock): void {
  const ids = warehouses.map((warehouse) => warehouse.warehouse_id);
  server.resource(
    {
      uri: 'inventory://warehouses',
      name: 'warehouses',
      description: 'Every warehouse',
      mimeType: 'application/json',
    },
    (uri) => json(uri, warehouses),
  );
  server.resourceTemplate(
    {
      uriTemplate: 'inventory://items/{item_id}',
      name: 'item',
      description: 'One item by its id',
      mimeType: 'application/json',
    },
    (uri, _call, { item_id = '' }) => json(uri, stock.item(item_id)),
  );
  server.prompt(
    {
      name: 'restock_plan',
      description: 'Plan what to restock in a warehouse',
      arguments: [{ name: 'warehouse_id', description: `One of ${ids.join(', ')}`, required: true }],
    },
    ({ warehouse_id = '' }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'text',
            text: `Which items are short in ${warehouse_id}, and what should be ordered?`,
          },
        },
      ],
    }),
  );
  server.prompt({ name: 'daily_summary', description: 'Summarise the stock of the day' }, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'Summarise the stock in five lines.' } }],
  }));
  server.completion(({ argument }) => {
    const from = argument.name === 'warehouse_id' ? ids : argument.name === 'item_id' ? knownItems : [];
    const values = from.filter((id) => id.startsWith(argument.value)).slice(0, 100);
    return { completion: { values, total: values.length, hasMore: false } };
  });
}

const knownItems = Array.from({ length: 200 }, (_, i) => `ITEM${String(i + 1).padStart(3, '0')}`);
