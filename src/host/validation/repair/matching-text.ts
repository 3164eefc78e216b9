import { RegExpParser, type AST } from '@eslint-community/regexpp';
import { codePointsOf } from '../../../core/pattern/code-points.js';

/** Texts longer than this are not made up. */
const maxLength = 1000;

/**
 * Texts that a pattern probably matches, shortest first; the caller checks them, since lookarounds and boundaries are
 * only guessed at.
 */
export function* matchingTexts(source: string, least: number): Generator<string> {
  let pattern: AST.Pattern | undefined;
  for (const unicode of [true, false]) {
    try {
      pattern = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, unicode);
      break;
    } catch {
      continue;
    }
  }
  if (pattern === undefined) return;
  const ahead = lookaheadTexts(pattern.alternatives);
  for (const extra of [0, 1, 2, 4, 8, 16, 32, 64, least]) {
    for (const alternative of pattern.alternatives) {
      const text = write(alternative, extra);
      if (text.length > maxLength) continue;
      yield text;
      // `^(?=.*[A-Z])(?=.*\d).{8,}$`: what lookaheads ask for, in place of the filling.
      if (ahead !== '') yield ahead + text.slice(ahead.length);
      if (ahead !== '') yield ahead + text;
      if (text.length < least) yield text + 'a'.repeat(least - text.length);
    }
  }
}

function write(alternative: AST.Alternative, extra: number): string {
  return alternative.elements.map((element) => writeElement(element, extra)).join('');
}

function writeElement(element: AST.Element, extra: number): string {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      return likely(codePointsOf(element));
    case 'Group':
    case 'CapturingGroup': {
      const texts = element.alternatives.map((one) => write(one, extra));
      return texts.reduce((short, one) => (one.length < short.length ? one : short));
    }
    case 'Quantifier': {
      const count = Math.min(element.max, element.min + extra, 200);
      return writeElement(element.element, extra).repeat(Math.min(count, maxLength));
    }
    case 'Backreference': {
      const target = Array.isArray(element.resolved) ? element.resolved[0] : element.resolved;
      return target === undefined ? '' : writeElement(target, extra);
    }
    case 'Assertion':
      return '';
  }
}

function likely(set: readonly number[]): string {
  for (const wanted of ['a', 'A', '1', '0', 'x', '-', '_', ' ', '.']) {
    const point = wanted.codePointAt(0)!;
    for (let i = 0; i < set.length; i += 2) {
      if (set[i]! <= point && point <= set[i + 1]!) return wanted;
    }
  }
  return set.length === 0 ? '' : String.fromCodePoint(set[0]!);
}

function lookaheadTexts(alternatives: readonly AST.Alternative[]): string {
  return alternatives
    .flatMap((alternative) => alternative.elements)
    .map((element) =>
      element.type === 'Assertion' && element.kind === 'lookahead' && !element.negate
        ? write(element.alternatives[0]!, 0)
        : '',
    )
    .join('');
}
