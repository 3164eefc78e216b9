import { isJsonObject, type JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import type { McpConnection } from '../../protocol/index.js';

/** A list that has more than one of these is given up. */
export interface ListingBounds {
  pages: number;
  tools: number;
  /** As compact JSON. */
  bytes: number;
}

/** A list of tools, read page by page to its end. */
export interface Listing {
  /** The entries as they came. */
  entries: JsonObject[];
  pages: number;
  /** Of all pages as compact JSON. */
  bytes: number;
  /** From asking for the first page to having the last, without our own work between, ms. */
  ms: number;
  /** Of each page: how many tools came before it, and what it took, ms. */
  perPage: { before: number; ms: number }[];
  /** Why the list was given up before its end, a sentence. */
  endless?: string;
}

/**
 * Reads `tools/list` to its end, within bounds.
 *
 * @throws WireError when a page cannot be had
 */
export async function readListing(
  connection: McpConnection,
  bounds: ListingBounds,
  signal: AbortSignal,
): Promise<Listing> {
  const listing: Listing = { entries: [], pages: 0, bytes: 0, ms: 0, perPage: [] };
  const cursors = new Set<string>();
  let params: JsonObject = {};
  for (;;) {
    const started = performance.now();
    const page = await connection.request('tools/list', params, { signal });
    const ms = performance.now() - started;
    listing.ms += ms;
    listing.perPage.push({ before: listing.entries.length, ms });
    listing.pages++;
    listing.bytes += Buffer.byteLength(JSON.stringify(page));
    const { tools, nextCursor } = page;
    if (!Array.isArray(tools)) return given(listing, `page ${listing.pages} has no 'tools'`);
    for (const entry of tools) listing.entries.push(isJsonObject(entry) ? entry : {});
    if (typeof nextCursor !== 'string') return listing;
    if (cursors.has(nextCursor))
      return given(listing, `it does not end: the cursor '${printableLine(nextCursor, 60)}' came twice`);
    if (listing.pages >= bounds.pages) return given(listing, `it has more than ${bounds.pages} pages`);
    if (listing.entries.length > bounds.tools)
      return given(listing, `it has more than ${bounds.tools} tools`);
    if (listing.bytes > bounds.bytes) return given(listing, `it has more than ${bounds.bytes} bytes`);
    cursors.add(nextCursor);
    params = { cursor: nextCursor };
  }
}

function given(listing: Listing, endless: string): Listing {
  return { ...listing, endless };
}
