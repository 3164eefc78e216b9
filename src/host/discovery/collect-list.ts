import type { Tool } from '../../protocol/types.js';
import { checkTool } from './check-tool.js';
import type { ToolSource } from './types.js';

/** What one list may hold. */
export interface ListLimits {
  /** Pages of one list; 1,000. */
  maxPages: number;
  /** Tools of one list; 50,000. */
  maxTools: number;
}

/** The limits unless others are given. */
export const defaultListLimits: ListLimits = { maxPages: 1_000, maxTools: 50_000 };

/** Of the entries that are refused, so many are named. */
const mostNamed = 20;

/** A list that was read to its end and judged entry by entry. */
export interface CollectedList {
  tools: Map<string, Tool>;
  rejected: { name: string; reason: string }[];
  rejectedCount: number;
}

/**
 * Reads a source's list to its end: checks every entry, refuses second ones of a name, and gives up on lists that have
 * no end.
 *
 * @throws Error with one sentence that says what is wrong with the list.
 */
export async function collectList(
  source: ToolSource,
  signal: AbortSignal,
  limits: ListLimits,
): Promise<CollectedList> {
  const collected: CollectedList = { tools: new Map(), rejected: [], rejectedCount: 0 };
  const reject = (name: string, reason: string) => {
    collected.rejectedCount++;
    if (collected.rejected.length < mostNamed) collected.rejected.push({ name, reason });
  };
  const take = (page: unknown) => {
    if (!Array.isArray(page)) throw new Error('The source answered something that is no list of tools');
    for (const entry of page as unknown[]) {
      const checked = checkTool(entry);
      if (!checked.ok) {
        reject(checked.name, checked.reason);
      } else if (collected.tools.has(checked.tool.name)) {
        reject(checked.tool.name, 'is listed twice; the first one counts');
      } else {
        collected.tools.set(checked.tool.name, checked.tool);
      }
      if (collected.tools.size + collected.rejectedCount > limits.maxTools) {
        throw new Error(`The list has more than ${limits.maxTools} tools`);
      }
    }
  };
  const listed: unknown = source.list(signal);
  if (isAsyncIterable(listed)) await takePages(listed, take, signal, limits.maxPages);
  else take(await listed);
  if (collected.tools.size === 0 && collected.rejectedCount > 0) {
    const first = collected.rejected[0]!;
    throw new Error(
      `None of the ${collected.rejectedCount} entries is a usable tool; the first, ${first.name}, ${first.reason}`,
    );
  }
  return collected;
}

async function takePages(
  pages: AsyncIterable<unknown>,
  take: (page: unknown) => void,
  signal: AbortSignal,
  maxPages: number,
): Promise<void> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (let page = 0; ; page++) {
      signal.throwIfAborted();
      const { done, value } = await iterator.next();
      if (done === true) return;
      if (page >= maxPages) throw new Error(`The list has more than ${maxPages} pages`);
      take(value);
    }
  } finally {
    // Not awaited: a source that hangs would hang here too.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
