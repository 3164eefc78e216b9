import { isJsonObject, type JsonObject } from '../../core/json.js';
import { plain } from '../message/classify-response.js';
import { headerMarks } from '../message/param-headers.js';
import type { Tool, WireDiagnostics, WireLimits } from '../types.js';
import { WireError } from '../wire-error.js';

/** All pages of a list, within limits. Cursors are opaque; one that comes twice ends the listing with an error. */
export async function listAll(
  requestPage: (params: JsonObject) => Promise<JsonObject>,
  method: string,
  member: string,
  limits: WireLimits,
): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  const cursors = new Set<string>();
  let params: JsonObject = {};
  for (let page = 1; ; page++) {
    const result = await requestPage(params);
    const found = result[member];
    if (!Array.isArray(found)) throw bad(`${method} was answered without '${member}'`);
    items.push(...found.filter(isJsonObject));
    const cursor = result['nextCursor'];
    if (typeof cursor !== 'string') return items;
    if (cursors.has(cursor))
      throw bad(`${method} does not end: the cursor '${plain(cursor, 60)}' came twice`);
    if (page >= limits.maxPages) throw bad(`${method} has more than ${limits.maxPages} pages`);
    if (items.length > limits.maxItems) throw bad(`${method} has more than ${limits.maxItems} items`);
    cursors.add(cursor);
    params = { cursor };
  }
}

function bad(message: string): WireError {
  return new WireError(message, { outcome: 'mismatch' });
}

/**
 * The usable tools of a listing; what is left out is named in the diagnostics.
 *
 * @param checkMarks drop tools with invalid `x-mcp-header` marks (streamable HTTP of the stateless era).
 */
export function usableTools(
  items: readonly JsonObject[],
  checkMarks: boolean,
  diagnostics: WireDiagnostics,
): Tool[] {
  const tools = new Map<string, Tool>();
  diagnostics.droppedTools = [];
  for (const item of items) {
    const { name, inputSchema = { type: 'object' } } = item;
    const label = typeof name === 'string' ? plain(name, 100) : '(no name)';
    const reason = whyUnusable(name, inputSchema, checkMarks, tools);
    if (reason === undefined) {
      tools.set(name as string, {
        ...wellTyped(item),
        name: name as string,
        inputSchema: inputSchema as JsonObject,
      });
    } else diagnostics.droppedTools.push({ name: label, reason });
  }
  return [...tools.values()];
}

/** What each member must be where it is there; one of another type counts as absent. */
const memberTypes: readonly (readonly [string, (value: unknown) => boolean])[] = [
  ['title', (value) => typeof value === 'string'],
  ['description', (value) => typeof value === 'string'],
  ['outputSchema', isJsonObject],
  ['annotations', isJsonObject],
];

/** The tool without members of a wrong type: whoever reads them relies on their types. */
function wellTyped(item: JsonObject): JsonObject {
  const wrong = memberTypes.filter(([member, fits]) => item[member] !== undefined && !fits(item[member]));
  if (wrong.length === 0) return item;
  const bad = new Set(wrong.map(([member]) => member));
  return Object.fromEntries(Object.entries(item).filter(([member]) => !bad.has(member)));
}

function whyUnusable(
  name: unknown,
  inputSchema: unknown,
  checkMarks: boolean,
  known: ReadonlyMap<string, Tool>,
): string | undefined {
  if (typeof name !== 'string' || name === '') return 'it has no name';
  if (known.has(name)) return 'another tool has the same name';
  if (!isJsonObject(inputSchema)) return 'its inputSchema is no object';
  if (!checkMarks) return undefined;
  const marks = headerMarks(inputSchema);
  return marks.valid ? undefined : plain(marks.reason, 200);
}
