import type { Tool } from '../../protocol/index.js';
import { madeTools } from '../../reference/tools/made-tools.js';

/** The name of the source that holds the target's own tools. */
export const targetSource = 'target';

/** Tools by the server that lists them. */
export interface Source {
  id: string;
  tools: Tool[];
}

/** The target's tools first, made ones up to a number. */
export interface FilledCatalogue {
  sources: Source[];
  /** Of the target. */
  real: readonly Tool[];
  made: readonly Tool[];
}

/**
 * A catalogue of a given size that the target's whole list is part of, as one source; tools made after the pattern of real
 * ones fill it up and are spread over the other sources. A target with more tools than asked for has all of them in.
 *
 * @param real the target's tools
 * @param size tools in all
 * @param sources sources in all, the target's included
 */
export function filledCatalogue(real: readonly Tool[], size: number, sources: number): FilledCatalogue {
  const made = madeTools(Math.max(0, size - real.length), 1).map(({ definition }): Tool => ({
    inputSchema: { type: 'object' },
    ...definition,
  }));
  const others = Math.max(1, real.length === 0 ? sources : sources - 1);
  const filled: Source[] = real.length === 0 ? [] : [{ id: targetSource, tools: [...real] }];
  const each = Math.ceil(made.length / others);
  for (let i = 0; i < others && i * each < made.length; i++) {
    filled.push({ id: `made-${i + 1}`, tools: made.slice(i * each, (i + 1) * each) });
  }
  return { sources: filled, real, made };
}

/** What a reader must know of where the tools came from. */
export function originNote({ real, made }: FilledCatalogue): string {
  const filled = made.length === 0 ? '' : ` and ${made.length} made ones`;
  return real.length === 0
    ? `The target has no tools: all ${made.length} are made ones.`
    : `${real.length} tools of the target${filled}.`;
}
