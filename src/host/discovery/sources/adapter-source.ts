import type { Tool } from '../../../protocol/types.js';
import type { ToolSource } from '../types.js';

/** A {@link ToolSource} in this process that can tell of changes. */
export interface AdapterSource extends ToolSource {
  /** To be called when the tools have changed. */
  changed(): void;
}

/** What an adapter gives: tools, or a function that is asked each time. */
export type AdapterTools = readonly Tool[] | (() => readonly Tool[] | Promise<readonly Tool[]>);

/** Makes tools of this process a source. */
export function adapterSource(
  id: string,
  tools: AdapterTools,
  options: { tags?: readonly string[]; ttlMs?: number } = {},
): AdapterSource {
  const listeners = new Set<() => void>();
  return {
    id,
    tags: options.tags,
    ttlMs: options.ttlMs,
    list: async () => [...(typeof tools === 'function' ? await tools() : tools)],
    onChanged(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    changed() {
      for (const listener of listeners) listener();
    },
  };
}
