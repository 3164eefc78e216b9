import type { JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { tokensOf } from '../catalogue-size.js';

/** A tool and how much of the catalogue it is. */
export interface ToolWeight {
  name: string;
  /** As compact JSON. */
  bytes: number;
  /** Estimated. */
  tokens: number;
  /** Of all tools' bytes, 0…1. */
  share: number;
}

/** The tools that take most of a model's context, the heaviest first. */
export function heaviestTools(entries: readonly JsonObject[], most: number): ToolWeight[] {
  const weighed = entries.map((entry) => ({
    name: typeof entry['name'] === 'string' ? printableLine(entry['name'], 60) : '(no name)',
    bytes: Buffer.byteLength(JSON.stringify(entry)),
  }));
  const all = weighed.reduce((sum, { bytes }) => sum + bytes, 0);
  return weighed
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, most)
    .map(({ name, bytes }) => ({ name, bytes, tokens: tokensOf(bytes), share: bytes / all }));
}
