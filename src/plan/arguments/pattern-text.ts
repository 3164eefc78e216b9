import { schemaLimits } from './local-schema.js';
import { compilePattern, mayExplode } from './safe-pattern.js';

/** An explosive pattern is tried on texts of at most this many characters: no more than a few milliseconds. */
const longestExplosive = 16;

/** Repeats more than this many times make texts that nobody wants to send. */
const mostRepeats = 200;

/**
 * A text that matches a pattern, by json-schema-faker (loaded when first needed); undefined where none is found. The
 * same seed gives the same text.
 */
export async function textByPattern(
  pattern: string,
  lengths: { minLength?: number; maxLength?: number },
  seed: number,
): Promise<string | undefined> {
  if (pattern.length > schemaLimits.pattern) return undefined;
  const explosive = mayExplode(pattern);
  // Lengths make the generator try again and again, each time with the pattern itself.
  if (explosive && Object.keys(lengths).length > 0) return undefined;
  const repeats = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap((match) => [
    Number(match[1]),
    Number(match[2] ?? 0),
  ]);
  // Repeats of repeats multiply.
  if (repeats.reduce((product, count) => product * Math.max(1, count), 1) > mostRepeats * mostRepeats)
    return undefined;
  if (repeats.some((count) => count > mostRepeats)) return undefined;
  const { generateSync } = await import('json-schema-faker');
  const expression = compilePattern(pattern);
  if (expression === undefined) return undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const text = generateSync({ type: 'string', pattern, ...lengths }, { seed: seed + attempt });
      if (typeof text !== 'string' || (explosive && text.length > longestExplosive)) continue;
      if (expression.test(text)) return text;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
