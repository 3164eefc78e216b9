import { patternCost } from '../../core/pattern/pattern-cost.js';
import { schemaLimits } from './local-schema.js';

/** Steps that one match may need at worst: about half a second. */
const maxSteps = 1e8;
const judgements = new Map<string, boolean>();
const maxJudgements = 1000;

/**
 * True for a pattern that may take too long on a text that arguments can have: exponential, too high a polynomial, too
 * large to tell, or simply very long. It is then not used at all.
 */
export function mayExplode(pattern: string): boolean {
  const known = judgements.get(pattern);
  if (known !== undefined) return known;
  const explodes = judge(pattern);
  if (judgements.size >= maxJudgements) judgements.clear();
  judgements.set(pattern, explodes);
  return explodes;
}

function judge(pattern: string): boolean {
  if (pattern.length > schemaLimits.pattern) return true;
  const expression = compilePattern(pattern);
  // What is no pattern is never run.
  if (expression === undefined) return false;
  try {
    const cost = patternCost(pattern, expression.unicode);
    return cost.kind !== 'polynomial' || schemaLimits.textLength ** cost.degree > maxSteps;
  } catch {
    return true;
  }
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
