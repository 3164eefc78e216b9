/**
 * Tool discovery: one catalogue over many sources, kept up to date, searched by what a user says.
 *
 * Sources are followed through pages, change notices and `ttlMs`; each has its own deadline, and one that fails keeps
 * its last good list, marked stale. Search is BM25F over an incremental index of our own, optionally joined with dense
 * vectors.
 */
export { ToolDiscovery, type DiscoveryOptions } from './discovery.js';
export { adapterSource, type AdapterSource, type AdapterTools } from './sources/adapter-source.js';
export { fileSource } from './sources/file-source.js';
export { parseToolId, toolId, toolLabel } from './identity.js';
export { defaultModel, type FieldName, type FieldWeight, type RankingModel } from './search/fields.js';
export type { ListLimits } from './collect-list.js';
export type { CallObservation } from './usage.js';
export type { Embed, VectorOptions } from './vectors.js';
export type {
  DiscoveryChange,
  SearchOptions,
  SourceState,
  SourceStatus,
  ToolFilter,
  ToolHit,
  ToolRecord,
  ToolSource,
  ToolUsage,
} from './types.js';
