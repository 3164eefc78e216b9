import type { Tool } from '../../protocol/types.js';
import { nameWarnings, toolId, toolLabel } from './identity.js';
import type { ToolRecord, ToolUsage } from './types.js';
import { UsageCounter, type CallObservation } from './usage.js';

/** What a record asks about its source. */
export interface RecordSource {
  readonly id: string;
  readonly tags: readonly string[];
  readonly stale: boolean;
}

/** Of a tool's own tags, so many count. */
const mostTags = 32;

/** A tool in the catalogue; the same object for as long as its source lists it. */
export class CatalogueEntry implements ToolRecord {
  readonly id: string;
  readonly server: string;
  readonly name: string;
  readonly label: string;
  readonly warnings: readonly string[];
  readonly #source: RecordSource;
  readonly #usage = new UsageCounter();
  #tool: Tool;
  #tags: readonly string[];

  constructor(source: RecordSource, tool: Tool) {
    this.#source = source;
    this.server = source.id;
    this.name = tool.name;
    this.id = toolId(source.id, tool.name);
    this.label = toolLabel(source.id, tool.name);
    this.warnings = nameWarnings(tool.name);
    this.#tool = tool;
    this.#tags = tagsOf(source, tool);
  }

  get tool(): Tool {
    return this.#tool;
  }

  get tags(): readonly string[] {
    return this.#tags;
  }

  get readOnly(): boolean {
    return this.#tool.annotations?.readOnlyHint === true;
  }

  get stale(): boolean {
    return this.#source.stale;
  }

  get usage(): ToolUsage {
    return this.#usage.snapshot();
  }

  /** Takes a changed definition of the same tool. */
  replace(tool: Tool): void {
    this.#tool = tool;
    this.#tags = tagsOf(this.#source, tool);
  }

  /** Counts a call. */
  observe(call: CallObservation, wall: number): void {
    this.#usage.observe(call, wall);
  }
}

/** The tags of the source and those a tool carries itself (`_meta.tags`, as FastMCP and others list them). */
function tagsOf(source: RecordSource, tool: Tool): readonly string[] {
  const own: unknown = tool._meta?.['tags'];
  const listed = Array.isArray(own) ? own.filter((tag): tag is string => typeof tag === 'string') : [];
  const tags = [...source.tags, ...listed.slice(0, mostTags)].map((tag) => tag.slice(0, 64).toLowerCase());
  return [...new Set(tags)];
}
