import { isJsonObject } from '../../core/json.js';
import { headerMarks, WireError, type Tool } from '../../protocol/index.js';
import type { ToolSource } from '../discovery/index.js';
import type { ServerLink } from './server-link.js';

/** Pages beyond this are a list without an end. */
const mostPages = 1_000;

/** The tools of a connected server, page by page, for a catalogue. */
export class ServerToolSource implements ToolSource {
  readonly id: string;
  readonly tags: readonly string[] | undefined;
  readonly #link: ServerLink;
  readonly #listen: (changed: () => void) => () => void;
  #ttlMs: number | undefined;

  constructor(link: ServerLink, listen: (changed: () => void) => () => void, tags?: readonly string[]) {
    this.id = link.name;
    this.tags = tags;
    this.#link = link;
    this.#listen = listen;
  }

  /** What the server said of its last list (MCP 2026-07-28). */
  get ttlMs(): number | undefined {
    return this.#ttlMs;
  }

  onChanged(changed: () => void): () => void {
    return this.#listen(changed);
  }

  async *list(signal: AbortSignal): AsyncGenerator<Tool[]> {
    const seen = new Set<string>();
    let params = {};
    let ttlMs: number | undefined;
    for (let page = 0; page < mostPages; page++) {
      const result = await this.#link.use(
        (connection) => connection.request('tools/list', params, { signal }),
        {
          signal,
        },
      );
      const { tools, nextCursor, ttlMs: ttl } = result;
      if (!Array.isArray(tools))
        throw new WireError("tools/list was answered without 'tools'", { outcome: 'mismatch' });
      if (typeof ttl === 'number') ttlMs = Math.min(ttlMs ?? Infinity, ttl);
      yield this.#usable(tools as unknown as Tool[]);
      if (typeof nextCursor !== 'string') {
        this.#ttlMs = ttlMs;
        return;
      }
      if (seen.has(nextCursor)) throw endless('the same cursor came twice');
      seen.add(nextCursor);
      params = { cursor: nextCursor };
    }
    throw endless(`it has more than ${mostPages} pages`);
  }

  /** Over HTTP of the stateless era a tool whose header marks are invalid cannot be called. */
  #usable(tools: Tool[]): Tool[] {
    const { connection } = this.#link;
    if (connection?.era !== 'stateless' || connection.transport !== 'http') return tools;
    return tools.filter((tool) => {
      const schema: unknown = isJsonObject(tool) ? tool['inputSchema'] : undefined;
      return !isJsonObject(schema) || headerMarks(schema).valid;
    });
  }
}

function endless(why: string): WireError {
  return new WireError(`The list of tools does not end: ${why}`, { outcome: 'mismatch' });
}
