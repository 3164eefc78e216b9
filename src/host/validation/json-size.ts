/** The size of a JSON value. */
export interface JsonSize {
  /** Values, containers included. */
  nodes: number;
  /** Nesting; 1 for a scalar. */
  depth: number;
  /** Characters of all property names and texts. */
  text: number;
}

/**
 * Measures a JSON value without recursion, and stops as soon as a bound is exceeded, so that neither size nor depth nor a
 * cycle can harm.
 *
 * @returns the size, or what was exceeded
 */
export function measureJson(value: unknown, most: JsonSize): JsonSize | keyof JsonSize {
  const size: JsonSize = { nodes: 0, depth: 1, text: 0 };
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value: current, depth } = next;
    if (++size.nodes > most.nodes) return 'nodes';
    if (depth > size.depth) size.depth = depth;
    if (depth > most.depth) return 'depth';
    if (typeof current === 'string') size.text += current.length;
    else if (Array.isArray(current)) {
      if (size.nodes + current.length > most.nodes) return 'nodes';
      for (const item of current) waiting.push({ value: item, depth: depth + 1 });
    } else if (typeof current === 'object' && current !== null) {
      for (const [key, child] of Object.entries(current)) {
        size.text += key.length;
        waiting.push({ value: child, depth: depth + 1 });
      }
    }
    if (size.text > most.text) return 'text';
  }
  return size;
}
