import { usageError } from '../../core/index.js';

/**
 * A start command as one text, taken apart into words as a shell would: blanks separate, quotes and backslashes keep
 * together. Nothing is expanded and no shell is started.
 *
 * @throws DynoError (104) for an open quote, nothing at all, or what only a shell understands (`|`, `&&`, `>`, `$NAME`).
 */
export function commandWords(text: string, what: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      const quoted = readQuoted(text, i, what);
      word = (word ?? '') + quoted.text;
      i = quoted.end;
    } else if (char === '\\' && i + 1 < text.length) {
      word = (word ?? '') + text[++i]!;
    } else if (/[|&;<>`$]/.test(char)) {
      throw usageError(
        `${what} has '${char}' in it, which only a shell understands`,
        `Quote it, or start a shell: sh -c '…'.`,
      );
    } else word = (word ?? '') + char;
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0)
    throw usageError(`Expected ${what} to be a URL, a run or a start command, got nothing`);
  return words;
}

/** A quoted stretch; in double quotes a backslash keeps the next quote or backslash. */
function readQuoted(text: string, start: number, what: string): { text: string; end: number } {
  const quote = text[start]!;
  let read = '';
  for (let i = start + 1; i < text.length; i++) {
    const char = text[i]!;
    if (char === quote) return { text: read, end: i };
    if (quote === '"' && char === '\\' && /["\\]/.test(text[i + 1] ?? '')) read += text[++i]!;
    else read += char;
  }
  throw usageError(`${what} has an open ${quote}`, 'Close it, or put a backslash before it.');
}
