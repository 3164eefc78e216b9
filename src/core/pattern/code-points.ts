import type { AST } from '@eslint-community/regexpp';

/** A set of code points as sorted, disjoint, inclusive ranges: lo, hi, lo, hi, … */
export type CodePoints = readonly number[];

const last = 0x10ffff;

/** Every code point. */
export const anyCodePoint: CodePoints = [0, last];

const digits: CodePoints = [0x30, 0x39];
const wordCharacters: CodePoints = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
// WhiteSpace and LineTerminator of ECMA-262, sections 12.2 and 12.3.
const spaces: CodePoints = [
  9, 13, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f,
  0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
];
const lineEnds: CodePoints = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029];

/** The union of sets. */
export function union(sets: readonly CodePoints[]): CodePoints {
  const ranges: [number, number][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) ranges.push([set[i]!, set[i + 1]!]);
  ranges.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [low, high] of ranges) {
    const end = merged.length - 1;
    if (merged.length > 0 && low <= merged[end]! + 1) merged[end] = Math.max(merged[end]!, high);
    else merged.push(low, high);
  }
  return merged;
}

/** Every code point that is not in the set. */
export function complement(set: CodePoints): CodePoints {
  const rest: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i]! > next) rest.push(next, set[i]! - 1);
    next = set[i + 1]! + 1;
  }
  if (next <= last) rest.push(next, last);
  return rest;
}

/** What two sets have in common. */
export function intersection(a: CodePoints, b: CodePoints): CodePoints {
  const common: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const low = Math.max(a[i]!, b[j]!);
    const high = Math.min(a[i + 1]!, b[j + 1]!);
    if (low <= high) common.push(low, high);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return common;
}

/** True when two sets share a code point. */
export function intersects(a: CodePoints, b: CodePoints): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (Math.max(a[i]!, b[j]!) <= Math.min(a[i + 1]!, b[j + 1]!)) return true;
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return false;
}

/** The code points that one element of a pattern consumes. A set that cannot be worked out counts as any. */
export function codePointsOf(
  node: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass,
): CodePoints {
  switch (node.type) {
    case 'Character':
      return [node.value, node.value];
    case 'CharacterSet':
      return characterSet(node);
    case 'CharacterClass': {
      const parts = node.elements.map((element): CodePoints => {
        switch (element.type) {
          case 'Character':
          case 'CharacterSet':
          case 'CharacterClass':
          case 'ExpressionCharacterClass':
            return codePointsOf(element);
          case 'CharacterClassRange':
            return [element.min.value, element.max.value];
          case 'ClassStringDisjunction':
            return anyCodePoint;
        }
      });
      const all = union(parts);
      return node.negate ? complement(all) : all;
    }
    case 'ExpressionCharacterClass':
      return anyCodePoint;
  }
}

function characterSet(node: AST.CharacterSet): CodePoints {
  switch (node.kind) {
    case 'any':
      return complement(lineEnds);
    case 'digit':
      return node.negate ? complement(digits) : digits;
    case 'word':
      return node.negate ? complement(wordCharacters) : wordCharacters;
    case 'space':
      return node.negate ? complement(spaces) : spaces;
    case 'property': {
      if (node.strings) return anyCodePoint;
      const name = node.value === null ? node.key : `${node.key}=${node.value}`;
      const set = property(name);
      if (set === undefined) return anyCodePoint;
      return node.negate ? complement(set) : set;
    }
  }
}

/** Working a property out takes some 25 ms, so a process does it for this many and calls the rest "any". */
const maxProperties = 24;
const properties = new Map<string, CodePoints>();

function property(name: string): CodePoints | undefined {
  const known = properties.get(name);
  if (known !== undefined) return known;
  if (properties.size >= maxProperties) return undefined;
  const member = new RegExp(`\\p{${name}}`, 'u');
  const ranges: number[] = [];
  const scan = (from: number, to: number) => {
    let low = -1;
    for (let point = from; point <= to; point++) {
      const inside = member.test(String.fromCodePoint(point));
      if (inside && low < 0) low = point;
      if (!inside && low >= 0) {
        ranges.push(low, point - 1);
        low = -1;
      }
    }
    if (low >= 0) ranges.push(low, to);
  };
  // Planes 4 to 13 hold no characters, 15 and 16 only private ones: one point stands for each plane.
  scan(0, 0x3ffff);
  for (let plane = 4; plane <= 16; plane++) {
    if (plane === 14) scan(0xe0000, 0xe0fff);
    else if (member.test(String.fromCodePoint(plane * 0x10000 + 1))) {
      ranges.push(plane * 0x10000, plane * 0x10000 + 0xffff);
    }
  }
  const set = union([ranges]);
  properties.set(name, set);
  return set;
}
