import { schemaLimits } from './local-schema.js';

/**
 * True for a pattern that may take exponential time on the wrong text: repetition or choice within repetition, or
 * simply very long. Harmless ones are among them; they are then not used for checking.
 */
export function mayExplode(pattern: string): boolean {
  return pattern.length > schemaLimits.pattern || /\([^()]*[*+}|][^()]*\)[*+{]/.test(pattern);
}

/** A pattern as ECMA-262 reads it, with the `u` flag where it allows it; undefined where it is none. */
export function compilePattern(pattern: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags);
    } catch {
      continue;
    }
  }
  return undefined;
}
