/** Longer tokens are cut: they are keys, hashes or an attack, not words. */
const longestToken = 64;

/** Scripts that write without spaces between words; their text is indexed as overlapping pairs of characters. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]/u;
const words = /[\p{L}\p{M}\p{N}]+/gu;
const hump = /\p{Lu}?\p{Ll}[\p{Ll}\p{M}\p{N}]*|\p{Lu}+(?!\p{Ll})[\p{M}\p{N}]*|[^\p{Lu}\p{Ll}]+/gu;
// Marks that only vary a letter: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowel signs.
const accents = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640]/g;

/**
 * Calls `emit` for each word of a text, in lower case, in any script. Identifiers are taken apart (`searchFiles`,
 * `search_files`, `HTTPServer`), names such as `GitHub` give the whole beside the parts, accents are folded, scripts
 * without spaces give pairs of characters. Reads at most `maxCharacters` of the text and emits at most `maxTokens`.
 */
export function eachToken(
  text: string,
  emit: (token: string) => void,
  maxCharacters = 16_384,
  maxTokens = Infinity,
): void {
  const read = text.length > maxCharacters ? text.slice(0, maxCharacters) : text;
  let left = maxTokens;
  const bounded = (token: string) => {
    if (left-- > 0) emit(token.length > longestToken ? token.slice(0, longestToken) : token);
  };
  if (isAscii(read)) asciiTokens(read, bounded);
  else unicodeTokens(read, bounded);
}

/** The words of a text, see {@link eachToken}. */
export function tokens(text: string, maxCharacters?: number): string[] {
  const found: string[] = [];
  eachToken(text, (token) => found.push(token), maxCharacters);
  return found;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

const none = 0;
const lower = 1;
const upper = 2;
const digit = 3;

function kindOf(code: number): 0 | 1 | 2 | 3 {
  if (code >= 97 && code <= 122) return lower;
  if (code >= 65 && code <= 90) return upper;
  if (code >= 48 && code <= 57) return digit;
  return none;
}

/** The same as {@link unicodeTokens} would give, some ten times faster; most tools are described in ASCII. */
function asciiTokens(text: string, emit: (token: string) => void): void {
  const length = text.length;
  let i = 0;
  while (i < length) {
    while (i < length && kindOf(text.charCodeAt(i)) === none) i++;
    const start = i;
    let humps = 0;
    let partStart = i;
    let previous = none as number;
    let parts: string[] | undefined;
    for (; i < length; i++) {
      const kind = kindOf(text.charCodeAt(i));
      if (kind === none) break;
      const next = i + 1 < length ? kindOf(text.charCodeAt(i + 1)) : none;
      const newHump =
        i > start &&
        kind === upper &&
        (previous === lower || previous === digit || (previous === upper && next === lower));
      if (newHump) {
        (parts ??= []).push(text.slice(partStart, i).toLowerCase());
        partStart = i;
        humps++;
      }
      previous = kind;
    }
    if (i === start) continue;
    if (humps === 0) {
      emit(text.slice(start, i).toLowerCase());
      continue;
    }
    parts!.push(text.slice(partStart, i).toLowerCase());
    for (const part of parts!) emit(part);
    if (kindOf(text.charCodeAt(start)) === upper) joined(parts!, emit);
  }
}

/** `GitHub` is searched for as `github` too; identifiers of more humps are not. */
function joined(parts: readonly string[], emit: (token: string) => void): void {
  if (parts.length === 2) emit(parts.join(''));
}

function unicodeTokens(text: string, emit: (token: string) => void): void {
  for (const [word] of text.normalize('NFKC').matchAll(words)) {
    if (isAscii(word)) {
      asciiTokens(word, emit);
      continue;
    }
    if (unspaced.test(word)) {
      mixedScripts(word, emit);
      continue;
    }
    const parts = [...word.matchAll(hump)].map(([part]) => fold(part));
    if (parts.length <= 1) {
      emit(fold(word));
      continue;
    }
    for (const part of parts) emit(part);
    if (/^\p{Lu}/u.test(word)) joined(parts, emit);
  }
}

function fold(word: string): string {
  const small = word.toLowerCase().normalize('NFD').replace(accents, '').normalize('NFC');
  return small === '' ? word.toLowerCase() : small;
}

function mixedScripts(word: string, emit: (token: string) => void): void {
  let run: string[] = [];
  let other = '';
  const flushRun = () => {
    if (run.length === 1) emit(run[0]!);
    for (let i = 0; i + 1 < run.length; i++) emit(run[i]! + run[i + 1]!);
    run = [];
  };
  const flushOther = () => {
    if (other !== '') unicodeTokens(other, emit);
    other = '';
  };
  for (const character of word) {
    if (unspaced.test(character) || (run.length > 0 && /\p{M}/u.test(character))) {
      flushOther();
      run.push(character);
    } else {
      flushRun();
      other += character;
    }
  }
  flushRun();
  flushOther();
}
