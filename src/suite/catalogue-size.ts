import type { Tool } from '../protocol/index.js';

/** How much of a model's context a catalogue takes. */
export interface CatalogueSize {
  tools: number;
  /** Of the tools as compact JSON. */
  bytes: number;
  /** Estimated: four bytes of JSON make about one token of the common tokenizers. */
  tokens: number;
}

/** Estimated tokens of so many bytes of JSON. */
export function tokensOf(bytes: number): number {
  return Math.round(bytes / 4);
}

/** The size of a catalogue. */
export function catalogueSize(tools: readonly Tool[]): CatalogueSize {
  const bytes = tools.reduce((sum, tool) => sum + Buffer.byteLength(JSON.stringify(tool)), 0);
  return { tools: tools.length, bytes, tokens: tokensOf(bytes) };
}
