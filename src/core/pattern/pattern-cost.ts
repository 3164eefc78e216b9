import { RegExpParser, type AST } from '@eslint-community/regexpp';
import { buildAutomaton, PatternTooComplex, type Automaton } from './automaton.js';
import { intersection, intersects, union, type CodePoints } from './code-points.js';
import { components } from './components.js';

/**
 * What a pattern can cost a backtracking matcher, by the worst text of n characters.
 *
 * - `polynomial`: at most about n to the `degree` steps; degree 1 is linear.
 * - `exponential`: every further character may double the time.
 * - `unknown`: too large to be analysed.
 */
export type PatternCost =
  { kind: 'polynomial'; degree: number } | { kind: 'exponential' } | { kind: 'unknown' };

/**
 * Works out a pattern's worst cost without running it, by the ambiguity of its automaton (Weideman et al., "Analyzing
 * Matching Time Behavior of Backtracking Regular Expression Matchers by Using Ambiguity of NFA", CIAA 2016): a state
 * that can return to itself by two ways over the same text makes it exponential; each loop that can hand its text on to
 * a later loop adds one to the degree. Never too low; may be too high for patterns with lookarounds or backreferences,
 * or of which every attempt succeeds.
 *
 * @param unicode whether the pattern is read with the `u` flag
 * @throws SyntaxError when the text is no pattern
 */
export function patternCost(source: string, unicode: boolean): PatternCost {
  const pattern = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, unicode);
  try {
    return alternativesCost(pattern.alternatives, pattern.alternatives.every(startsAnchored));
  } catch (error) {
    if (error instanceof PatternTooComplex) return { kind: 'unknown' };
    throw error;
  }
}

function alternativesCost(alternatives: readonly AST.Alternative[], anchored: boolean): PatternCost {
  if (isExponential(buildAutomaton(alternatives, { loops: false, anchored: true }))) {
    return { kind: 'exponential' };
  }
  let degree = degreeOf(buildAutomaton(alternatives, { loops: true, anchored }));
  for (const { inside, atStart } of lookarounds(alternatives)) {
    const cost = alternativesCost(inside, true);
    if (cost.kind !== 'polynomial') return cost;
    // At the very start it runs once; elsewhere once for every place that the rest of the pattern can reach it at.
    degree = atStart && anchored ? Math.max(degree, cost.degree) : degree + cost.degree;
  }
  return { kind: 'polynomial', degree: Math.max(1, degree) };
}

/** True when the alternative can only match at the start of the text. */
function startsAnchored(alternative: AST.Alternative): boolean {
  const first = alternative.elements.find(
    (element) => !(element.type === 'Assertion' && element.kind.startsWith('look')),
  );
  if (first === undefined) return false;
  if (first.type === 'Assertion') return first.kind === 'start';
  return (
    (first.type === 'Group' || first.type === 'CapturingGroup') && first.alternatives.every(startsAnchored)
  );
}

/** Every lookaround, and whether it stands before all that consumes text. */
function lookarounds(
  alternatives: readonly AST.Alternative[],
  outermost = true,
): { inside: AST.Alternative[]; atStart: boolean }[] {
  return alternatives.flatMap((alternative) => {
    let atStart = outermost;
    return alternative.elements.flatMap((element) => {
      switch (element.type) {
        case 'Assertion':
          return element.kind === 'lookahead' || element.kind === 'lookbehind'
            ? [{ inside: element.alternatives, atStart }]
            : [];
        case 'Group':
        case 'CapturingGroup': {
          const inner = lookarounds(element.alternatives, atStart);
          atStart = false;
          return inner;
        }
        case 'Quantifier': {
          atStart = false;
          const body = element.element;
          if (body.type === 'Group' || body.type === 'CapturingGroup') {
            return lookarounds(body.alternatives, false);
          }
          return body.type === 'Assertion' ? [{ inside: body.alternatives, atStart: false }] : [];
        }
        default:
          atStart = false;
          return [];
      }
    });
  });
}

const maxPairSteps = 3_000_000;

/** True when some state returns to itself by two different ways over one text. */
function isExponential({ positions, edges }: Automaton): boolean {
  const component = components(positions.length, (state) => edges[state]!.keys());
  for (const [from, targets] of edges.entries()) {
    for (const [to, ways] of targets) if (ways > 1 && component[from] === component[to]) return true;
  }
  // Pairs of states that one text can lead to from one state; a pair of two that meets again is a second way round.
  const size = positions.length;
  const seen = new Set<number>();
  const waiting: [number, number][] = [];
  let steps = 0;
  const visit = (a: number, b: number): boolean => {
    for (const p of edges[a]!.keys()) {
      if (component[p] !== component[a]) continue;
      for (const q of edges[b]!.keys()) {
        if (++steps > maxPairSteps) throw new PatternTooComplex();
        if (component[q] !== component[a] || (a === b && q <= p)) continue;
        if (p !== q && seen.has(p * size + q)) continue;
        if (!intersects(positions[p]!, positions[q]!)) continue;
        if (p === q) return true;
        seen.add(p * size + q);
        waiting.push([p, q]);
      }
    }
    return false;
  };
  for (let state = 0; state < size; state++) {
    visit(state, state);
    for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
      if (visit(pair[0], pair[1])) return true;
    }
  }
  return false;
}

/** The longest chain of loops of which each can hand its text on to the next. */
function degreeOf({ positions, edges }: Automaton): number {
  const component = components(positions.length, (state) => edges[state]!.keys());
  const loops = new Map<number, { members: number[]; alphabet: CodePoints }>();
  for (let state = 0; state < positions.length; state++) {
    const own = component[state]!;
    if (![...edges[state]!.keys()].some((to) => component[to] === own)) continue;
    const loop = loops.get(own) ?? { members: [], alphabet: [] };
    loop.members.push(state);
    loops.set(own, loop);
  }
  for (const loop of loops.values()) loop.alphabet = union(loop.members.map((state) => positions[state]!));
  // A component's number is lower than those that lead to it, so in rising order all successors are done first.
  const longest = new Map<number, number>();
  let steps = 0;
  for (const id of [...loops.keys()].sort((a, b) => a - b)) {
    const { members, alphabet } = loops.get(id)!;
    let best = 0;
    for (const [other, length] of longest) {
      if (length <= best) continue;
      const shared = intersection(alphabet, loops.get(other)!.alphabet);
      if (shared.length === 0) continue;
      // A text that goes round the one loop and the other has only characters that both can consume.
      const waiting = members.filter((state) => intersects(positions[state]!, shared));
      const seen = new Set(waiting);
      let reached = false;
      for (let state = waiting.pop(); state !== undefined && !reached; state = waiting.pop()) {
        for (const to of edges[state]!.keys()) {
          if (++steps > maxPairSteps) throw new PatternTooComplex();
          if (seen.has(to) || !intersects(positions[to]!, shared)) continue;
          seen.add(to);
          waiting.push(to);
          if (component[to] === other) reached = true;
        }
      }
      if (reached) best = length;
    }
    longest.set(id, best + 1);
  }
  return Math.max(0, ...longest.values());
}
