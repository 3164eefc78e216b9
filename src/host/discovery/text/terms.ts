import { stem } from './stem.js';
import { stopWords } from './stop-words.js';
import { eachToken } from './tokens.js';

/** Stems that were needed lately, so that indexing ten thousand tools stems each word once. */
const stems = new Map<string, string>();
const mostStems = 20_000;

/** The stem of a token, remembered; the memory is bounded, and dropped whole when full. */
export function termOf(token: string): string {
  const known = stems.get(token);
  if (known !== undefined) return known;
  const found = stem(token);
  if (stems.size >= mostStems) stems.clear();
  stems.set(token, found);
  return found;
}

/** Calls `emit` for each index term of a text; function words are left out unless `keepStopWords`. */
export function eachTerm(
  text: string,
  emit: (term: string) => void,
  keepStopWords: boolean,
  maxCharacters?: number,
  maxTokens?: number,
): void {
  eachToken(
    text,
    (token) => {
      if (keepStopWords || !stopWords.has(token)) emit(termOf(token));
    },
    maxCharacters,
    maxTokens,
  );
}
