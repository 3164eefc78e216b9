import type { Json } from '../../../core/json.js';

/** The index of the first item that equals an earlier one, as JSON Schema compares. */
export function firstDuplicate(items: readonly Json[]): number | undefined {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const size = seen.size;
    seen.add(canonical(item));
    if (seen.size === size) return index;
  }
  return undefined;
}

/** A text that two values share exactly when they are equal: properties in order of their names. */
export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`);
  return `{${members.join()}}`;
}
