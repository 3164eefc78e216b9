import type { Tool } from '../../protocol/types.js';

/**
 * Where tools come from. A list may come at once or page by page; it is bounded, checked and timed by whoever follows
 * the source, so a source may be as hostile as the server behind it.
 */
export interface ToolSource {
  /** The server's name; one half of each tool's identity. */
  readonly id: string;
  /** All tools as of now. The signal ends a list that is no longer wanted. */
  list(signal: AbortSignal): AsyncIterable<Tool[]> | Promise<Tool[]>;
  /** Tells when the list has changed (`notifications/tools/list_changed`); the return value stops it. */
  onChanged?: ((changed: () => void) => () => void) | undefined;
  /** How long a list may be taken as fresh, in milliseconds; read after each list (`ttlMs`, MCP 2026-07-28). */
  readonly ttlMs?: number | undefined;
  /** Words under which all tools of this source can be found and filtered. */
  readonly tags?: readonly string[] | undefined;
}

/** What calls to a tool have shown so far. */
export interface ToolUsage {
  readonly calls: number;
  readonly failures: number;
  /** The share of calls that succeeded, (successes + 1) / (calls + 2): one half where nothing is known (Laplace). */
  readonly successRate: number;
  /** Exponentially weighted mean in milliseconds, a fifth per call; undefined before the first call. */
  readonly latencyMs: number | undefined;
  /** Wall-clock time of the last call, milliseconds since the Unix epoch. */
  readonly lastCallAt: number | undefined;
}

/** A tool in the catalogue. */
export interface ToolRecord {
  /** Stable over rediscovery and unique: server and name, unambiguously joined (see {@link toolId}). */
  readonly id: string;
  readonly server: string;
  /** Exactly as the server calls it; may hold anything, so never print it as it is (see {@link ToolRecord.label}). */
  readonly name: string;
  /** Name and server made fit to be shown: one line, no control characters. */
  readonly label: string;
  /** The tool as listed. Untrusted text. */
  readonly tool: Tool;
  /** From the source and from the tool's own `_meta.tags`, lower case. */
  readonly tags: readonly string[];
  /** `annotations.readOnlyHint`; false where absent. */
  readonly readOnly: boolean;
  /** What looks wrong without making the tool unusable: control characters, mixed scripts in the name. */
  readonly warnings: readonly string[];
  /** True while the source fails and this is what it last listed. */
  readonly stale: boolean;
  readonly usage: ToolUsage;
}

/** What a search is narrowed to; all given conditions hold. Filters apply before ranking. */
export interface ToolFilter {
  server?: string | readonly string[] | undefined;
  /** All of these, compared in lower case. */
  tags?: readonly string[] | undefined;
  /** True: only tools marked read-only; false: only the others. */
  readOnly?: boolean | undefined;
}

/** How to search. */
export interface SearchOptions extends ToolFilter {
  /** How many hits at most; 10. */
  limit?: number | undefined;
  /** Ends the wait for the user's vectors; the ranking by words does not wait. */
  signal?: AbortSignal | undefined;
}

/** A tool that was found, with its score. */
export interface ToolHit {
  readonly record: ToolRecord;
  /** By words: a sum of BM25F weights. With vectors: the reciprocal-rank-fusion score. Only comparable in one answer. */
  readonly score: number;
}

/** How a source is doing. */
export type SourceState =
  /** Not listed yet. */
  | 'new'
  | 'fresh'
  /** The last attempt failed; the list before it is kept. */
  | 'stale'
  /** No attempt has succeeded yet. */
  | 'failed';

/** A source and its last list. */
export interface SourceStatus {
  readonly id: string;
  readonly state: SourceState;
  readonly tools: number;
  /** How often a list was asked for. */
  readonly attempts: number;
  /** Failed attempts since the last good one. */
  readonly failures: number;
  /** Wall-clock times, milliseconds since the Unix epoch. */
  readonly lastAttemptAt: number | undefined;
  readonly lastGoodAt: number | undefined;
  /** How long the last good list took, in milliseconds. */
  readonly listMs: number | undefined;
  /** Why the last attempt failed, one printable sentence. */
  readonly error: string | undefined;
  /** Entries of the last list that are no usable tools, and why; at most 20 are kept. */
  readonly rejected: readonly { readonly name: string; readonly reason: string }[];
  /** How many were rejected in all. */
  readonly rejectedCount: number;
}

/** What one discovery of a source changed. */
export interface DiscoveryChange {
  readonly source: string;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}
