import { isJsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import type { Tool } from '../../protocol/types.js';

/** Longer names are refused; the specification (2025-11-25, "Tool Names") asks for at most 128. */
export const longestName = 512;

/** A tool, or why an entry of a list is none. */
export type CheckedTool = { ok: true; tool: Tool } | { ok: false; name: string; reason: string };

/** Judges one entry of a list that came from anywhere: only the types that the catalogue relies on. */
export function checkTool(entry: unknown): CheckedTool {
  if (!isJsonObject(entry)) return { ok: false, name: '(no name)', reason: 'is no object' };
  const { name, title, description, inputSchema, outputSchema, annotations } = entry;
  if (typeof name !== 'string') return { ok: false, name: '(no name)', reason: 'has no name' };
  const refuse = (reason: string): CheckedTool => ({ ok: false, name: printableLine(name, 60), reason });
  if (name === '') return refuse('has an empty name');
  if (name.length > longestName)
    return refuse(`has a name of ${name.length} characters, over ${longestName}`);
  if (!isJsonObject(inputSchema)) return refuse('has no object as inputSchema');
  if (title !== undefined && typeof title !== 'string') return refuse('has a title that is no text');
  if (description !== undefined && typeof description !== 'string') {
    return refuse('has a description that is no text');
  }
  if (outputSchema !== undefined && !isJsonObject(outputSchema)) {
    return refuse('has an outputSchema that is no object');
  }
  if (annotations !== undefined && !isJsonObject(annotations)) {
    return refuse('has annotations that are no object');
  }
  return { ok: true, tool: entry as unknown as Tool };
}
