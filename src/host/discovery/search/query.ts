import { intendedAction, type Action } from '../text/actions.js';
import { stopWords, vagueWords } from '../text/stop-words.js';
import { phraseMeanings, toolThesaurus, type Thesaurus } from '../text/synonyms.js';
import { termOf } from '../text/terms.js';
import { eachToken } from '../text/tokens.js';
import { actionTerm, type RankingModel } from './fields.js';
import type { Postings } from './postings.js';
import type { Vocabulary } from './vocabulary.js';

/** Of a query, this much is read: a pasted log is no better for being read whole. */
export const longestQuery = 8_192;
/** The rarest words of a query that are searched for. */
export const mostQueryWords = 32;
/** Unknown words that are corrected, at most. */
const mostCorrections = 4;

/** A term to look for, and what it counts: its idf, less where it is a synonym or a guess. */
export interface QueryTerm {
  readonly postings: Postings;
  readonly weight: number;
}

/** A word of the query and what may stand for it; a document gains by the best of these. */
export interface QueryGroup {
  readonly terms: readonly QueryTerm[];
  /** True for a group that ranks what other groups find, but finds nothing by itself. */
  readonly ranksOnly: boolean;
}

/** The inverse document frequency of Lucene's BM25, which is never negative. */
export function idf(documents: number, holding: number): number {
  return Math.log(1 + (documents - holding + 0.5) / (holding + 0.5));
}

/**
 * A query as groups of weighted terms: function words dropped, words stemmed, synonyms and corrections of unknown words
 * added. Of a long query the rarest words count.
 */
export function readQuery(
  query: string,
  vocabulary: Vocabulary,
  documents: number,
  model: RankingModel,
  synonyms: Thesaurus = toolThesaurus,
): QueryGroup[] {
  const { literal, phrases, action } = queryWords(query);
  const weigh = (postings: Postings) => idf(documents, postings.size);
  // Long queries say what they mean in more than one word; there a synonym is more often noise.
  const synonymWeight = model.synonymWeight * Math.min(1, model.synonymWords / literal.length);
  let corrections = 0;
  const groups: QueryGroup[] = [];
  for (const word of rarest(literal, vocabulary)) {
    const scale = vagueWords.has(word) ? model.vagueWeight : 1;
    const terms: QueryTerm[] = [];
    const own = vocabulary.get(word);
    const most = own === undefined ? Infinity : weigh(own);
    if (own !== undefined) terms.push({ postings: own, weight: scale * most });
    for (const other of synonyms.get(word) ?? []) {
      const postings = vocabulary.get(other);
      if (postings === undefined) continue;
      terms.push({ postings, weight: scale * synonymWeight * Math.min(most, weigh(postings)) });
    }
    if (terms.length === 0 && corrections++ < mostCorrections) {
      for (const postings of vocabulary.near(word)) {
        terms.push({ postings, weight: model.typoWeight * weigh(postings) });
      }
    }
    if (terms.length > 0) groups.push({ terms, ranksOnly: false });
  }
  for (const meaning of phrases) {
    const postings = vocabulary.get(meaning);
    if (postings === undefined) continue;
    groups.push({ terms: [{ postings, weight: model.phraseWeight * weigh(postings) }], ranksOnly: false });
  }
  const same = action === undefined ? undefined : vocabulary.get(actionTerm(action));
  // Every tool of an action is indexed with the impact 1/2.
  if (same !== undefined)
    groups.push({ terms: [{ postings: same, weight: 2 * model.actionWeight }], ranksOnly: true });
  return groups;
}

/** Of many words the rarest, unknown ones last: what is in no tool finds none. */
function rarest(words: readonly string[], vocabulary: Vocabulary): readonly string[] {
  if (words.length <= mostQueryWords) return words;
  const rarity = (word: string) => vocabulary.get(word)?.size ?? Infinity;
  return [...words].sort((a, b) => rarity(a) - rarity(b) || (a < b ? -1 : 1)).slice(0, mostQueryWords);
}

/** The distinct terms of a query in their order, what pairs of its words mean, and what it wants done. */
function queryWords(query: string): { literal: string[]; phrases: string[]; action: Action | undefined } {
  const literal = new Set<string>();
  const functionWords = new Set<string>();
  const phrases = new Set<string>();
  const opening: string[] = [];
  let previous = '';
  eachToken(
    query,
    (token) => {
      const meaning = phraseMeanings.get(`${previous} ${token}`);
      if (meaning !== undefined) phrases.add(meaning);
      previous = token;
      if (opening.length < mostQueryWords) opening.push(token);
      if (stopWords.has(token)) functionWords.add(termOf(token));
      else literal.add(termOf(token));
    },
    longestQuery,
  );
  return {
    literal: [...(literal.size === 0 ? functionWords : literal)],
    phrases: [...phrases],
    action: intendedAction(opening),
  };
}
