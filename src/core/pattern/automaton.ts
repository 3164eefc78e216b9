import type { AST } from '@eslint-community/regexpp';
import { anyCodePoint, codePointsOf, type CodePoints } from './code-points.js';

/** Thrown when a pattern is too large to be analysed; such a pattern is refused. */
export class PatternTooComplex extends Error {}

/**
 * The position automaton of a pattern (Glushkov, 1961): one state for each character that the pattern consumes, and an
 * edge for each *way* to go on to the next one. Two ways between the same states, as in `(a*)*`, are what makes a
 * backtracking matcher try both, so edges are counted (up to 2).
 */
export interface Automaton {
  readonly positions: readonly CodePoints[];
  /** Per state: the states that may follow, with the number of ways, 1 or 2 (2 means several). */
  readonly edges: readonly ReadonlyMap<number, number>[];
}

/** What is built for a part of a pattern. Counts are 1 or 2 (several). */
interface Fragment {
  first: Map<number, number>;
  last: Map<number, number>;
  /** In how many ways it matches nothing: 0, 1 or 2. */
  empty: number;
}

/** How bounded repeats such as `x{1,30}` are built. */
export interface AutomatonOptions {
  /**
   * True: any repeat of varying length counts as a loop (for the degree of a polynomial). False: one with few ways
   * through it is built out, so that `(\d{1,2}:?){2,3}` is not taken for a loop inside a loop.
   */
  loops: boolean;
  /** False puts a loop over any character in front: a search tries every starting place. */
  anchored: boolean;
}

const maxPositions = 1500;
const maxEdges = 60_000;
const maxPaths = 1000;

/** Builds the automaton of alternatives. @throws PatternTooComplex */
export function buildAutomaton(
  alternatives: readonly AST.Alternative[],
  options: AutomatonOptions,
): Automaton {
  const builder = new Builder(options.loops);
  const body = builder.alternatives(alternatives);
  if (!options.anchored)
    builder.concatenate(
      builder.loop(() => builder.position(anyCodePoint)),
      body,
    );
  return builder;
}

class Builder implements Automaton {
  readonly positions: CodePoints[] = [];
  readonly edges: Map<number, number>[] = [];
  readonly #loops: boolean;
  #edgeCount = 0;

  constructor(loops: boolean) {
    this.#loops = loops;
  }

  position(set: CodePoints): Fragment {
    if (this.positions.length >= maxPositions) throw new PatternTooComplex();
    const at = this.positions.push(set) - 1;
    this.edges.push(new Map());
    return { first: new Map([[at, 1]]), last: new Map([[at, 1]]), empty: 0 };
  }

  nothing(): Fragment {
    return { first: new Map(), last: new Map(), empty: 1 };
  }

  alternatives(alternatives: readonly AST.Alternative[]): Fragment {
    const all = alternatives.map((alternative) =>
      alternative.elements.reduce<Fragment>(
        (left, element) => this.concatenate(left, this.element(element)),
        this.nothing(),
      ),
    );
    const joined: Fragment = { first: new Map(), last: new Map(), empty: 0 };
    for (const one of all) {
      merge(joined.first, one.first, 1);
      merge(joined.last, one.last, 1);
      joined.empty = Math.min(2, joined.empty + one.empty);
    }
    return joined;
  }

  element(node: AST.Element): Fragment {
    switch (node.type) {
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
      case 'ExpressionCharacterClass':
        return this.position(codePointsOf(node));
      case 'Group':
      case 'CapturingGroup':
        return this.alternatives(node.alternatives);
      case 'Assertion':
        // Assertions consume nothing; what stands inside a lookaround is judged on its own.
        return this.nothing();
      case 'Backreference':
        // What it repeats is not known beforehand, so it may be anything.
        return this.loop(() => this.position(anyCodePoint));
      case 'Quantifier':
        return this.quantifier(node);
    }
  }

  quantifier({ element, min, max }: AST.Quantifier): Fragment {
    const body = () => this.element(element);
    if (max === 0) return this.nothing();
    if (min === 0 && max === 1) return this.optional(body());
    const size = sizeOf(element);
    const buildable = size * Math.max(min, 1) <= maxPositions / 2;
    if (!Number.isFinite(max) || !buildable) {
      return this.#chain(buildable ? min : 0, body, this.loop(body));
    }
    if (min === max) return this.#chain(min, body, this.nothing());
    const few = waysThrough(element, min, max) <= maxPaths && size * max <= maxPositions / 2;
    if (this.#loops || !few) return this.#chain(min, body, this.loop(body));
    let tail = this.nothing();
    for (let i = min; i < max; i++) tail = this.optional(this.concatenate(body(), tail));
    return this.#chain(min, body, tail);
  }

  #chain(count: number, body: () => Fragment, tail: Fragment): Fragment {
    let chain = this.nothing();
    for (let i = 0; i < count; i++) chain = this.concatenate(chain, body());
    return this.concatenate(chain, tail);
  }

  optional(body: Fragment): Fragment {
    return { ...body, empty: Math.min(2, body.empty + 1) };
  }

  loop(body: () => Fragment): Fragment {
    const once = body();
    this.#connect(once.last, once.first, 1);
    // An empty turn ends the loop at once (ECMA-262, RepeatMatcher), so it adds no way.
    return { ...once, empty: 1 };
  }

  concatenate(left: Fragment, right: Fragment): Fragment {
    this.#connect(left.last, right.first, 1);
    const first = new Map(left.first);
    if (left.empty > 0) merge(first, right.first, left.empty);
    const last = new Map(right.last);
    if (right.empty > 0) merge(last, left.last, right.empty);
    return { first, last, empty: Math.min(2, left.empty * right.empty) };
  }

  #connect(from: Map<number, number>, to: Map<number, number>, ways: number): void {
    for (const [source, a] of from) {
      const edges = this.edges[source]!;
      for (const [target, b] of to) {
        const known = edges.get(target);
        if (known === undefined && ++this.#edgeCount > maxEdges) throw new PatternTooComplex();
        edges.set(target, Math.min(2, (known ?? 0) + a * b * ways));
      }
    }
  }
}

function merge(into: Map<number, number>, from: Map<number, number>, ways: number): void {
  for (const [key, count] of from) into.set(key, Math.min(2, (into.get(key) ?? 0) + count * ways));
}

/** How many positions a part takes; repeats built out. */
function sizeOf(node: AST.Element): number {
  switch (node.type) {
    case 'Group':
    case 'CapturingGroup':
      return node.alternatives.reduce(
        (sum, alternative) => sum + alternative.elements.reduce((inner, e) => inner + sizeOf(e), 0),
        0,
      );
    case 'Quantifier':
      return sizeOf(node.element) * Math.max(1, Number.isFinite(node.max) ? node.max : node.min);
    case 'Assertion':
      return 0;
    default:
      return 1;
  }
}

/** In how many ways a matcher can go through a part, whatever the text; Infinity for a loop. */
export function waysThrough(node: AST.Element, min = 1, max = 1): number {
  const once = ((): number => {
    switch (node.type) {
      case 'Group':
      case 'CapturingGroup':
        return node.alternatives.reduce(
          (sum, alternative) =>
            sum + alternative.elements.reduce((product, element) => product * waysThrough(element), 1),
          0,
        );
      case 'Quantifier':
        return waysThrough(node.element, node.min, node.max);
      case 'Backreference':
        return Infinity;
      default:
        return 1;
    }
  })();
  if (!Number.isFinite(max) || !Number.isFinite(once)) return max === 0 ? 1 : Infinity;
  if (once <= 1) return max - min + 1;
  let sum = 0;
  for (let k = min; k <= max && sum < 1e9; k++) sum += once ** k;
  return sum;
}
