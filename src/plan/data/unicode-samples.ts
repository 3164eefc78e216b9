import type { Checker } from '../arguments/index.js';
import type { DataSample } from './data-shape.js';
import { isClosed, withValue, type Place } from './places.js';

/**
 * Texts that programs stumble over. All are valid Unicode: half a surrogate pair has no UTF-8, which MCP demands, and so is
 * none of the data that a server must take.
 */
const texts: readonly [name: string, text: string][] = [
  ['beyond the basic plane', '𝒟𝓎𝓃𝑜 🚀 𠜎𠜱 \u{10fffd}'],
  ['joined emoji', '👩‍👩‍👧‍👦🏋️‍♀️🏴󠁧󠁢󠁳󠁣󠁴󠁿🇩🇪'],
  ['combining marks', `Z\u0351\u036b\u0343a\u0334\u0321l\u0335g\u0324o\u0310 e\u0301 \u1100\u1161\u11a8`],
  ['right to left', 'שלום \u202eabc\u202c مرحبا \u2067123\u2069'],
  ['NUL and control characters', 'a\u0000b\u0001\u0008\u001b[31m\u007f\u0085'],
  ['line breaks of all kinds', 'a\nb\rc\r\nd\u2028e\u2029f\u000bg\u000c'],
  ['invisible characters', '\ufeffa\u200bb\u00a0c\u2060d\u00ade'],
  ['compatibility forms', 'ﬁﬂ ｆｕｌｌ ①²Å\u212b İıſß'],
  ['noncharacters', 'x\uffff\ufdd0\u{1ffff}\u{10ffff}'],
  ['quotes and escapes', `"\\'\`\${x}{{y}}%s%n<b>&amp;\\u0000\\n`],
];

/** Arguments whose texts are of a kind that programs stumble over, one kind each, in every text that may hold it. */
export function unicodeSamples(places: readonly Place[], checker: Pick<Checker, 'errors'>): DataSample[] {
  const [root] = places;
  const open = places.filter(({ value, schema }) => typeof value === 'string' && !isClosed(schema));
  if (root === undefined || open.length === 0) return [];
  return texts.flatMap(([name, text]): DataSample[] => {
    let args = root.args;
    let held = 0;
    for (const { path, schema, args: own } of open) {
      const value = fitted(text, schema);
      // What leads to an optional one may need more than the text itself.
      const next = [withValue(args, path, value), ...(held === 0 ? [withValue(own, path, value)] : [])].find(
        (candidate) => checker.errors(candidate).length === 0,
      );
      if (next === undefined) continue;
      args = next;
      held++;
    }
    return held === 0 ? [] : [{ shape: 'unicode', name, args }];
  });
}

/** Cut or repeated to the length that the schema wants, in characters; never in the middle of a pair. */
function fitted(text: string, { minLength, maxLength }: Place['schema']): string {
  const characters = [...text];
  const min = typeof minLength === 'number' ? Math.min(minLength, 10_000) : 0;
  const max = typeof maxLength === 'number' ? maxLength : Infinity;
  while (characters.length < min) characters.push(...characters.slice(0, min - characters.length));
  return characters.slice(0, max).join('');
}
