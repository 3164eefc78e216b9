import { patternCost } from './pattern-cost.js';

/** Why a pattern is not run. */
export interface PatternRefusal {
  refused: true;
  reason: string;
}

/** What a pattern may cost. */
export interface PatternLimits {
  /** Characters of a pattern. */
  maxPatternLength: number;
  /** Steps that one match may need at worst; longer texts are not matched at all. */
  maxPatternSteps: number;
  /** The highest degree of the polynomial that bounds the cost. */
  maxPatternDegree: number;
}

/** Thrown instead of matching a text that could take too long; the validator turns it into an error of the value. */
export class PatternBudgetError extends Error {
  readonly text: string;
  readonly maxLength: number;

  constructor(source: string, text: string, maxLength: number) {
    super(`Expected a text of at most ${maxLength} characters for the pattern ${source}, got ${text.length}`);
    this.text = text;
    this.maxLength = maxLength;
  }
}

/** A pattern that was shown to be safe up to a length, and is run only on texts up to it. */
export class GuardedPattern {
  readonly source: string;
  /** The longest text that is matched; from the degree of the pattern's cost. */
  readonly maxLength: number;
  readonly #expression: RegExp;

  constructor(expression: RegExp, maxLength: number) {
    this.source = expression.source;
    this.maxLength = maxLength;
    this.#expression = expression;
  }

  /** What compilers tell patterns apart by. */
  toString(): string {
    return `/${this.source}/`;
  }

  /** @throws PatternBudgetError when the text is longer than can be matched in time */
  test(text: string): boolean {
    if (text.length > this.maxLength) throw new PatternBudgetError(this.source, text, this.maxLength);
    return this.#expression.test(text);
  }
}

/**
 * A pattern of JSON Schema, made safe to run on any text: one of which every further character may double the time is
 * refused; one of a higher degree (such as `\s+$`, which is quadratic) is bound to texts that it can handle within
 * `maxPatternSteps`. Read with the `u` flag as JSON Schema asks; without it where it is no pattern with it, as servers
 * written in other languages send `\-` and `\_`.
 */
export function guardPattern(source: string, limits: PatternLimits): GuardedPattern | PatternRefusal {
  const shown = JSON.stringify(source.length > 80 ? `${source.slice(0, 77)}…` : source);
  if (source.length > limits.maxPatternLength) {
    const most = limits.maxPatternLength;
    return refuse(`pattern ${shown} has ${source.length} characters, at most ${most} are accepted`);
  }
  const expression = compile(source);
  if (expression === undefined) return refuse(`pattern ${shown} is no regular expression of ECMA-262`);
  const cost = patternCost(source, expression.unicode);
  switch (cost.kind) {
    case 'exponential':
      return refuse(`pattern ${shown} can take exponential time; make its repeats unambiguous`);
    case 'unknown':
      return refuse(`pattern ${shown} is too complex to be shown safe; make it shorter`);
    case 'polynomial':
      if (cost.degree > limits.maxPatternDegree) {
        const most = limits.maxPatternDegree;
        return refuse(`pattern ${shown} can take time n^${cost.degree}, at most n^${most} is accepted`);
      }
      return new GuardedPattern(expression, Math.floor(limits.maxPatternSteps ** (1 / cost.degree)));
  }
}

function refuse(reason: string): PatternRefusal {
  return { refused: true, reason };
}

function compile(source: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags);
    } catch {
      continue;
    }
  }
  return undefined;
}
