import type { JsonObject } from '../../core/index.js';
import type { CallToolResult, ToolDefinition } from '../../protocol/index.js';
import type { ToolBody, ToolConduct } from '../conduct.js';
import type { ReferenceKnobs } from '../knobs/knobs.js';
import { categories, warehouses, type Stock } from './stock.js';

/** A tool of the reference server. */
export interface ReferenceTool {
  definition: ToolDefinition;
  body: ToolBody;
  conduct?: ToolConduct;
}

const content = (value: unknown): CallToolResult['content'] => [
  { type: 'text', text: JSON.stringify(value) },
];

const text = (value: unknown): CallToolResult => ({ content: content(value) });

const structured = (value: object): CallToolResult => ({
  content: content(value),
  structuredContent: value as JsonObject,
});

const object = (properties: JsonObject, required = Object.keys(properties)): JsonObject => ({
  type: 'object',
  properties,
  required,
});

const warehouseId = { type: 'string', enum: warehouses.map((warehouse) => warehouse.warehouse_id) };
const itemId = {
  type: 'string',
  description: 'Such as ITEM001',
  examples: ['ITEM001', 'ITEM042', 'ITEM200'],
  minLength: 1,
  maxLength: 100,
};
const itemSchema = object({
  item_id: { type: 'string' },
  name: { type: 'string' },
  category: { type: 'string', enum: [...categories] },
  quantity: { type: 'integer', minimum: 0 },
  unit_price: { type: 'number', minimum: 0 },
  warehouse_id: warehouseId,
});
const readOnly = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };

/** The tools of the inventory: most of them read, two write, one is slow. */
export function inventoryTools(stock: Stock, knobs: ReferenceKnobs): ReferenceTool[] {
  return [...readingTools(stock), ...writingTools(stock), slowReport(stock, knobs)];
}

function readingTools(stock: Stock): ReferenceTool[] {
  return [
    {
      definition: {
        name: 'get_inventory',
        title: 'Get an item',
        description: 'What is known of one item: its name, price, stock and warehouse.',
        inputSchema: object({ item_id: itemId }),
        outputSchema: itemSchema,
        annotations: readOnly,
      },
      body: ({ item_id }) => structured(stock.item(String(item_id))),
    },
    {
      definition: {
        name: 'list_warehouses',
        title: 'List warehouses',
        description: 'Every warehouse with its city and capacity.',
        inputSchema: { type: 'object', properties: {} },
        outputSchema: object({
          warehouses: {
            type: 'array',
            items: object({
              warehouse_id: warehouseId,
              city: { type: 'string' },
              country: { type: 'string' },
              capacity: { type: 'integer' },
            }),
          },
        }),
        annotations: readOnly,
      },
      body: () => structured({ warehouses }),
    },
    {
      definition: {
        name: 'stock_level',
        title: 'Stock in a warehouse',
        description: 'How many of an item one warehouse holds.',
        inputSchema: object({ item_id: itemId, warehouse_id: warehouseId }),
        outputSchema: object({
          item_id: { type: 'string' },
          warehouse_id: { type: 'string' },
          quantity: { type: 'integer', minimum: 0 },
        }),
        annotations: readOnly,
      },
      body: ({ item_id, warehouse_id }) => {
        const item = stock.item(String(item_id));
        const here = item.warehouse_id === warehouse_id;
        return structured({
          item_id: item.item_id,
          warehouse_id: String(warehouse_id),
          quantity: here ? item.quantity : 0,
        });
      },
    },
    {
      definition: {
        name: 'search_items',
        title: 'Search items',
        description: 'Items whose name holds every word of the query.',
        inputSchema: object(
          {
            query: { type: 'string', maxLength: 200, examples: ['steel', 'ball valve'] },
            category: { type: 'string', enum: [...categories] },
            limit: { type: 'integer', minimum: 1, maximum: 50, default: 10 },
          },
          ['query'],
        ),
        annotations: readOnly,
      },
      body: ({ query, category, limit }) => {
        const most = typeof limit === 'number' ? Math.min(50, Math.max(1, limit)) : 10;
        return text(stock.search(String(query), typeof category === 'string' ? category : undefined, most));
      },
    },
  ];
}

function writingTools(stock: Stock): ReferenceTool[] {
  return [
    {
      definition: {
        name: 'reserve_item',
        title: 'Reserve an item',
        description: 'Takes a quantity out of stock.',
        inputSchema: object({ item_id: itemId, quantity: { type: 'integer', minimum: 1, maximum: 1000 } }),
        outputSchema: object({ reserved: { type: 'boolean' } }),
        annotations: {
          readOnlyHint: false,
          destructiveHint: false,
          idempotentHint: false,
          openWorldHint: false,
        },
      },
      body: ({ item_id, quantity }) =>
        structured({ reserved: stock.reserve(String(item_id), Number(quantity)) }),
    },
    {
      definition: {
        name: 'delete_item',
        title: 'Delete an item',
        description: 'Removes an item from the catalogue for good.',
        inputSchema: object({ item_id: itemId }),
        outputSchema: object({ deleted: { type: 'boolean' } }),
        annotations: {
          readOnlyHint: false,
          destructiveHint: true,
          idempotentHint: true,
          openWorldHint: false,
        },
      },
      body: ({ item_id }) => structured({ deleted: stock.delete(String(item_id)) }),
    },
  ];
}

function slowReport(stock: Stock, knobs: ReferenceKnobs): ReferenceTool {
  return {
    definition: {
      name: 'slow_report',
      title: 'Write the stock report',
      description: 'Counts the whole stock and files a report; takes its time and reports progress.',
      inputSchema: { type: 'object', properties: {} },
      outputSchema: object({ items: { type: 'integer' } }),
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    },
    body: () => structured({ items: stock.size }),
    conduct: { serviceMs: knobs.slowReportMs, blocks: knobs.singleThreadedSlowTool, reportsProgress: true },
  };
}
