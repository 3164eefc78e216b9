import { open } from 'node:fs/promises';
import { messageOf } from '../../../core/errors.js';
import { isJsonObject } from '../../../core/json.js';
import { parseJsonc } from '../../../core/jsonc.js';
import { formatBytes } from '../../../core/units.js';
import type { Tool } from '../../../protocol/types.js';
import type { ToolSource } from '../types.js';

/** A larger file is refused. */
const largestFile = 64 * 1024 * 1024;

/**
 * A JSON file (comments allowed) as a source: a list of tools, or an object with `tools` such as an answer to
 * `tools/list`. Read anew for each list.
 */
export function fileSource(
  id: string,
  path: string,
  options: { tags?: readonly string[]; ttlMs?: number } = {},
): ToolSource {
  return {
    id,
    tags: options.tags,
    ttlMs: options.ttlMs,
    async list(signal) {
      const text = await read(path, signal);
      let parsed: unknown;
      try {
        parsed = parseJsonc(text, path);
      } catch (thrown) {
        throw new Error(`The tools file ${path} is no JSON: ${messageOf(thrown)}`, { cause: thrown });
      }
      const tools = isJsonObject(parsed) ? parsed['tools'] : parsed;
      if (!Array.isArray(tools)) {
        throw new Error(
          `The tools file ${path} holds neither a list nor an object with a list named 'tools'`,
        );
      }
      return tools as unknown as Tool[];
    },
  };
}

async function read(path: string, signal: AbortSignal): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    throw new Error(`The tools file ${path} cannot be opened: ${messageOf(thrown)}`, { cause: thrown });
  }
  try {
    const { size } = await file.stat();
    if (size > largestFile) {
      throw new Error(`The tools file ${path} has ${formatBytes(size)}, over ${formatBytes(largestFile)}`);
    }
    return await file.readFile({ encoding: 'utf8', signal });
  } finally {
    await file.close();
  }
}
