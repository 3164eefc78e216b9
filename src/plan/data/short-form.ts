import { isJsonObject, type Json } from '../../core/index.js';

const most = { text: 200, items: 20, depth: 8 };

/** Arguments as they are told of: long texts and lists cut with their length, what lies deep left out. */
export function shortForm(value: Json, depth = 0): Json {
  if (typeof value === 'string') {
    return value.length <= most.text ? value : `${value.slice(0, most.text)}… (${value.length} characters)`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= most.depth) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, most.items).map((item) => shortForm(item, depth + 1));
    return value.length <= most.items ? items : [...items, `… (${value.length} items)`];
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shortForm(item, depth + 1)]));
}
