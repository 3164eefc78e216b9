/**
 * Light stemming of English: plurals, `-ed`, `-ing` and final `e`, as steps 1a to 1c and 5 of Porter's algorithm do
 * (M. F. Porter, "An algorithm for suffix stripping", Program 14 (3), 1980), and the noun endings with which tools name
 * what they do (`deletion`, `creation`, `translator`, `deployment`). Words of other scripts, with digits, or of at most
 * three letters stay as they are.
 */
export function stem(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length <= 3 || !/^[a-z]+$/.test(word)) return word;
  let s = plural(word);
  s = past(s);
  if (s.length > 2 && s.endsWith('y') && !isVowel(s, s.length - 2)) s = s.slice(0, -1) + 'i';
  s = noun(s);
  return finalE(s);
}

/** Forms that no rule reaches, and words that a rule would join wrongly. */
const irregular = new Map([
  ['sent', 'send'],
  ['wrote', 'write'],
  ['written', 'write'],
  ['creation', 'creat'],
  ['creations', 'creat'],
  ['made', 'make'],
  ['found', 'find'],
  ['got', 'get'],
  ['gotten', 'get'],
  ['getting', 'get'],
  ['ran', 'run'],
  ['running', 'run'],
  ['bought', 'buy'],
  ['built', 'build'],
  ['paid', 'pay'],
  ['kept', 'keep'],
  ['left', 'left'],
  ['news', 'news'],
  ['status', 'status'],
  ['statuses', 'status'],
  ['children', 'child'],
  ['people', 'person'],
  ['indices', 'index'],
  ['indexes', 'index'],
  ['vertices', 'vertex'],
  ['matrices', 'matrix'],
  ['media', 'media'],
  ['data', 'data'],
  ['during', 'during'],
  ['string', 'string'],
  ['strings', 'string'],
  ['thing', 'thing'],
  ['something', 'something'],
  ['everything', 'everything'],
  ['anything', 'anything'],
  ['conversion', 'convert'],
  ['conversions', 'convert'],
  ['subscription', 'subscrib'],
  ['subscriptions', 'subscrib'],
  ['description', 'describ'],
  ['descriptions', 'describ'],
  ['removal', 'remov'],
  ['removals', 'remov'],
  ['retrieval', 'retriev'],
  ['approval', 'approv'],
  ['approvals', 'approv'],
  ['deployment', 'deploy'],
  ['deployments', 'deploy'],
]);

function isVowel(s: string, i: number): boolean {
  const c = s[i];
  if (c === 'a' || c === 'e' || c === 'i' || c === 'o' || c === 'u') return true;
  return c === 'y' && i > 0 && !isVowel(s, i - 1);
}

/** Porter's m: how often a vowel run is followed by a consonant run. */
function measure(s: string): number {
  let m = 0;
  let afterVowel = false;
  for (let i = 0; i < s.length; i++) {
    const vowel = isVowel(s, i);
    if (afterVowel && !vowel) m++;
    afterVowel = vowel;
  }
  return m;
}

function hasVowel(s: string): boolean {
  for (let i = 0; i < s.length; i++) if (isVowel(s, i)) return true;
  return false;
}

/** Ends consonant, vowel, consonant, where the last is not w, x or y. */
function endsCvc(s: string): boolean {
  const n = s.length;
  if (n < 3) return false;
  return !isVowel(s, n - 3) && isVowel(s, n - 2) && !isVowel(s, n - 1) && !'wxy'.includes(s[n - 1]!);
}

function plural(s: string): string {
  if (!s.endsWith('s')) return s;
  if (s.endsWith('sses')) return s.slice(0, -2);
  if (s.endsWith('ies')) return s.length > 4 ? s.slice(0, -3) + 'y' : s.slice(0, -1);
  if (s.endsWith('ss') || s.endsWith('us') || s.endsWith('is')) return s;
  if (/(?:x|ch|sh|zz)es$/.test(s)) return s.slice(0, -2);
  return s.slice(0, -1);
}

function past(s: string): string {
  if (s.endsWith('eed')) return measure(s.slice(0, -3)) > 0 ? s.slice(0, -1) : s;
  let base: string;
  if (s.endsWith('ed')) base = s.slice(0, -2);
  else if (s.endsWith('ing')) base = s.slice(0, -3);
  else return s;
  if (!hasVowel(base)) return s;
  if (/(?:at|bl|iz)$/.test(base)) return base + 'e';
  if (/([^aeioulsz])\1$/.test(base)) return base.slice(0, -1);
  if (measure(base) === 1 && endsCvc(base)) return base + 'e';
  return base;
}

/** Noun endings taken back to the verb: deletion, creation, translator, measurement. */
function noun(s: string): string {
  for (const [ending, instead] of nounEndings) {
    if (!s.endsWith(ending)) continue;
    const base = s.slice(0, -ending.length);
    if (measure(base) >= 1 && base.length >= 3) return base + instead;
    return s;
  }
  return s;
}

const nounEndings: readonly (readonly [string, string])[] = [
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['etion', 'ete'],
  ['ition', 'it'],
  ['ution', 'ute'],
  ['ction', 'ct'],
  ['ption', 'pt'],
];

function finalE(s: string): string {
  if (!s.endsWith('e')) return s;
  const base = s.slice(0, -1);
  const m = measure(base);
  return m > 1 || (m === 1 && !endsCvc(base)) ? base : s;
}
