import type { Json } from '../../core/json.js';

/** Bounds of a copied value. */
export interface CopyLimits {
  /** Characters of text, names included, and 8 for every other value. */
  maxSize: number;
  maxDepth: number;
}

/** A copy of a JSON value, or why there is none: too large, too deep (or cyclic), or not JSON. */
export function copyJson(
  value: unknown,
  limits: CopyLimits,
): { ok: true; copy: Json } | { ok: false; reason: string } {
  let left = limits.maxSize;
  const copy = (one: unknown, depth: number): Json => {
    if (typeof one === 'string') left -= one.length;
    else left -= 8;
    if (left < 0) throw new RangeError(`is larger than ${limits.maxSize} characters`);
    if (one === null || typeof one === 'string' || typeof one === 'boolean') return one;
    if (typeof one === 'number' && Number.isFinite(one)) return one;
    if (typeof one !== 'object') throw new TypeError(`holds a ${typeof one} that JSON cannot hold`);
    if (depth > limits.maxDepth) throw new RangeError(`is nested deeper than ${limits.maxDepth}`);
    if (Array.isArray(one)) return one.map((item) => copy(item, depth + 1));
    const made: Record<string, Json> = {};
    for (const [key, child] of Object.entries(one)) {
      if (child === undefined) continue;
      left -= key.length;
      // Assigning to `__proto__` would set the prototype instead of a member.
      if (key === '__proto__') continue;
      made[key] = copy(child, depth + 1);
    }
    return made;
  };
  try {
    return { ok: true, copy: copy(value, 0) };
  } catch (thrown) {
    return { ok: false, reason: thrown instanceof Error ? thrown.message : 'cannot be read' };
  }
}

/** True when two JSON values are equal, whatever the order of their members. `b` bounds the work and the depth. */
export function sameJson(a: unknown, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return false;
  if (Array.isArray(b)) {
    return Array.isArray(a) && a.length === b.length && b.every((item, i) => sameJson(a[i], item));
  }
  if (Array.isArray(a)) return false;
  const theirs = a as Record<string, unknown>;
  let count = 0;
  for (const key in theirs) {
    if (theirs[key] === undefined) continue;
    count++;
    const ours = b[key];
    if (ours === undefined || !sameJson(theirs[key], ours)) return false;
  }
  return count === Object.keys(b).length;
}
