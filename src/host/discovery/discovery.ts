import { backgroundClock, type Clock } from '../../core/clock.js';
import { messageOf, usageError } from '../../core/errors.js';
import { seededRandom, type Random } from '../../core/random.js';
import type { Json } from '../../core/json.js';
import type { Tool } from '../../protocol/types.js';
import { CatalogueEntry } from './catalogue-entry.js';
import { defaultListLimits, type CollectedList, type ListLimits } from './collect-list.js';
import { fuseRankings } from './fusion.js';
import { toolId } from './identity.js';
import { copyJson, sameJson } from './json-copy.js';
import type { RankingModel } from './search/fields.js';
import { SearchIndex, type IndexFilter } from './search/search-index.js';
import { SourceFollower, type FollowOptions } from './source-follower.js';
import type {
  DiscoveryChange,
  SearchOptions,
  SourceStatus,
  ToolFilter,
  ToolHit,
  ToolRecord,
  ToolSource,
} from './types.js';
import type { CallObservation } from './usage.js';
import { VectorIndex, type VectorOptions } from './vectors.js';

/** How a {@link ToolDiscovery} works. Times in milliseconds. */
export interface DiscoveryOptions {
  /** Default: timers that do not keep the process alive. */
  clock?: Clock | undefined;
  random?: Random | undefined;
  /** How long one source may take for its list; 10,000. */
  deadlineMs?: number | undefined;
  /** A source that gives no `ttlMs` is asked again after this; 0 (the default): only when it tells of a change. */
  intervalMs?: number | undefined;
  /** The least time between two lists that a source's change notices bring about; 250. */
  minGapMs?: number | undefined;
  limits?: Partial<ListLimits> | undefined;
  /** Weights of the ranking by words. */
  model?: RankingModel | undefined;
  /** Dense vectors beside words, joined by reciprocal-rank fusion. */
  vectors?: VectorOptions | undefined;
}

/** A tool larger than this is refused: no model could read it. */
const toolLimits = { maxSize: 262_144, maxDepth: 64 };
/** Each ranking hands so many to the fusion. */
const fusedDepth = 100;
/** After so many tools taken in at once, others get their turn. */
const sliceSize = 250;

/**
 * One catalogue over many servers, kept up to date and searched by what a user says.
 *
 * @example
 * ```ts
 * const discovery = new ToolDiscovery();
 * await discovery.addSource(adapterSource('stock', [{ name: 'get_level', description: 'Stock of an item', inputSchema: {} }]));
 * const [hit] = await discovery.searchTools('how many are left on the shelf');
 * discovery.close();
 * ```
 */
export class ToolDiscovery {
  readonly #clock: Clock;
  readonly #follow: FollowOptions;
  readonly #index: SearchIndex;
  readonly #vectors: VectorIndex | undefined;
  readonly #entries = new Map<string, CatalogueEntry>();
  readonly #sources = new Map<string, { follower: SourceFollower; entries: Map<string, CatalogueEntry> }>();
  readonly #listeners = new Set<(change: DiscoveryChange) => void>();
  #closed = false;

  constructor(options: DiscoveryOptions = {}) {
    this.#clock = options.clock ?? backgroundClock;
    this.#follow = {
      clock: this.#clock,
      random: options.random ?? seededRandom(this.#clock.wall()),
      deadlineMs: positive('deadlineMs', options.deadlineMs, 10_000),
      intervalMs: positive('intervalMs', options.intervalMs, 0),
      minGapMs: positive('minGapMs', options.minGapMs, 250),
      limits: { ...defaultListLimits, ...options.limits },
    };
    this.#index = new SearchIndex({ model: options.model });
    this.#vectors = options.vectors && new VectorIndex(options.vectors, this.#clock);
  }

  /** How many tools are known. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Follows a source from now on. Resolves after its first list, or its failure, which {@link SourceStatus} tells: a
   * source that fails is asked again later.
   *
   * @throws DynoError (104) when a source of that id is already followed, or after {@link close}.
   */
  async addSource(source: ToolSource): Promise<SourceStatus> {
    if (this.#closed) throw usageError('This ToolDiscovery is closed', 'Make a new one');
    if (typeof source.id !== 'string' || source.id === '') {
      throw usageError('Expected the `id` of a tool source to be a text that is not empty');
    }
    if (this.#sources.has(source.id)) {
      throw usageError(
        `A tool source named '${source.id}' is already followed`,
        'Remove it first, or name it anew',
      );
    }
    const entries = new Map<string, CatalogueEntry>();
    const follower: SourceFollower = new SourceFollower(source, this.#follow, (list) =>
      this.#takeList(follower, entries, list),
    );
    this.#sources.set(source.id, { follower, entries });
    await follower.refresh();
    return follower.status();
  }

  /** Stops following a source; its tools go. False where there is none of that id. */
  removeSource(id: string): boolean {
    const source = this.#sources.get(id);
    if (source === undefined) return false;
    source.follower.close();
    this.#sources.delete(id);
    const removed = [...source.entries.values()].map((entry) => entry.id);
    for (const entry of source.entries.values()) this.#forget(entry);
    source.entries.clear();
    this.#tell({ source: id, added: [], changed: [], removed });
    return true;
  }

  /** Asks one source, or all at once, for their lists now. Resolves when each has answered, failed or run late. */
  async refresh(id?: string): Promise<SourceStatus[]> {
    const chosen = [...this.#sources.values()].filter(
      ({ follower }) => id === undefined || follower.source.id === id,
    );
    if (id !== undefined && chosen.length === 0) {
      throw usageError(`There is no tool source named '${id}'`);
    }
    await Promise.all(chosen.map(({ follower }) => follower.refresh()));
    return chosen.map(({ follower }) => follower.status());
  }

  /** The tool of an id, or undefined. */
  get(id: string): ToolRecord | undefined {
    return this.#entries.get(id);
  }

  /** The tool of a server and a name, compared exactly. */
  find(server: string, name: string): ToolRecord | undefined {
    return this.#entries.get(toolId(server, name));
  }

  /** All tools that pass a filter, in no particular order. */
  *tools(filter: ToolFilter = {}): IterableIterator<ToolRecord> {
    const passes = this.#passes(filter);
    for (const entry of this.#entries.values()) if (passes(entry.id)) yield entry;
  }

  /**
   * The tools that fit what a user says, best first; equal scores in order of their ids. An empty query finds nothing
   * (for everything see {@link tools}). Waits for vectors where they are used, at most their time-out.
   */
  async searchTools(query: string, options: SearchOptions = {}): Promise<ToolHit[]> {
    if (this.#vectors === undefined) return this.search(query, options);
    const limit = limitOf(options);
    if (query.trim() === '') return [];
    const byWords = this.search(query, { ...options, limit: Math.max(limit, fusedDepth) });
    const byMeaning = await this.#vectors.search(query, fusedDepth, this.#passes(options), options.signal);
    if (byMeaning.length === 0) return byWords.slice(0, limit);
    return fuseRankings([byWords.map(({ record }) => record.id), byMeaning])
      .slice(0, limit)
      .flatMap(({ id, score }) => {
        const record = this.#entries.get(id);
        return record === undefined ? [] : [{ record, score }];
      });
  }

  /** {@link searchTools} by words only, at once. */
  search(query: string, options: SearchOptions = {}): ToolHit[] {
    const limit = limitOf(options);
    return this.#index.search(query, limit, indexFilter(options)).map(({ id, score }) => ({
      record: this.#entries.get(id)!,
      score,
    }));
  }

  /** Notes how a call to a tool went; ignored for a tool that is gone. */
  recordCall(id: string, call: CallObservation): void {
    this.#entries.get(id)?.observe(call, this.#clock.wall());
  }

  /** How each source is doing, in the order in which they were added. */
  status(): SourceStatus[] {
    return [...this.#sources.values()].map(({ follower }) => follower.status());
  }

  /** How the vectors are doing; undefined where none are used. */
  vectorStatus(): { ready: number; waiting: number; error: string | undefined } | undefined {
    return this.#vectors?.status;
  }

  /** Resolves when every tool has its vector, or making them failed. */
  async vectorsSettled(): Promise<void> {
    await this.#vectors?.settled();
  }

  /** Tells of every list that brought a change; the return value stops it. */
  onChange(listener: (change: DiscoveryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops following all sources. What is known can still be searched. */
  close(): void {
    this.#closed = true;
    for (const { follower } of this.#sources.values()) follower.close();
    this.#vectors?.close();
    this.#listeners.clear();
  }

  /** What the index holds: tools, different terms, and pairs of both. */
  indexSize(): { tools: number; terms: number; postings: number } {
    return this.#index.sizes();
  }

  async #takeList(
    follower: SourceFollower,
    entries: Map<string, CatalogueEntry>,
    list: CollectedList,
  ): Promise<void> {
    const change = {
      source: follower.source.id,
      added: [] as string[],
      changed: [] as string[],
      removed: [] as string[],
    };
    for (const [name, entry] of entries) {
      if (list.tools.has(name)) continue;
      entries.delete(name);
      this.#forget(entry);
      change.removed.push(entry.id);
    }
    let worked = 0;
    for (const [name, tool] of list.tools) {
      const known = entries.get(name);
      if (known !== undefined && sameJson(tool, known.tool as Json)) continue;
      const copied = copyJson(tool, toolLimits);
      if (!copied.ok) {
        list.tools.delete(name);
        list.rejectedCount++;
        list.rejected.push({ name: name.slice(0, 60), reason: copied.reason });
        if (known !== undefined) {
          entries.delete(name);
          this.#forget(known);
          change.removed.push(known.id);
        }
        continue;
      }
      if (++worked % sliceSize === 0) await new Promise((resolve) => setImmediate(resolve));
      if (follower.closed) return;
      const entry = this.#keep(known, follower, copied.copy as Tool);
      entries.set(name, entry);
      (known === undefined ? change.added : change.changed).push(entry.id);
    }
    if (change.added.length + change.changed.length + change.removed.length > 0) this.#tell(change);
  }

  #keep(known: CatalogueEntry | undefined, follower: SourceFollower, tool: Tool): CatalogueEntry {
    const source = {
      id: follower.source.id,
      tags: follower.source.tags ?? [],
      get stale() {
        return follower.stale;
      },
    };
    const entry = known ?? new CatalogueEntry(source, tool);
    if (known !== undefined) known.replace(tool);
    this.#entries.set(entry.id, entry);
    this.#index.set({ id: entry.id, server: entry.server, tool, tags: entry.tags, readOnly: entry.readOnly });
    this.#vectors?.want(entry);
    return entry;
  }

  #forget(entry: CatalogueEntry): void {
    this.#entries.delete(entry.id);
    this.#index.delete(entry.id);
    this.#vectors?.delete(entry.id);
  }

  #tell(change: DiscoveryChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (thrown) {
        // A list that came in is in, whatever a listener makes of it.
        process.emitWarning(`A listener of ToolDiscovery threw: ${messageOf(thrown)}`);
      }
    }
  }

  #passes(filter: ToolFilter): (id: string) => boolean {
    const { servers, tags, readOnly } = indexFilter(filter);
    return (id) => {
      const entry = this.#entries.get(id);
      if (entry === undefined) return false;
      if (servers !== undefined && !servers.includes(entry.server)) return false;
      if (readOnly !== undefined && entry.readOnly !== readOnly) return false;
      return (tags ?? []).every((tag) => entry.tags.includes(tag));
    };
  }
}

function indexFilter({ server, tags, readOnly }: ToolFilter): IndexFilter {
  return {
    servers: server === undefined ? undefined : typeof server === 'string' ? [server] : server,
    tags: tags?.map((tag) => tag.toLowerCase()),
    readOnly,
  };
}

function limitOf({ limit = 10 }: SearchOptions): number {
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageError(`Expected the \`limit\` of a search to be a whole number from 1, got ${String(limit)}`);
  }
  return limit;
}

function positive(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw usageError(`Expected \`${name}\` to be a number of milliseconds, got ${String(value)}`);
}
