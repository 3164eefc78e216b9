import type { Thesaurus } from '../text/synonyms.js';
import { defaultModel, weighTerms, type RankingModel, type ToolText } from './fields.js';
import type { Postings } from './postings.js';
import { readQuery } from './query.js';
import { Scores, topDocuments } from './top-documents.js';
import { Vocabulary } from './vocabulary.js';

/** What of a tool is indexed beside its text. */
export interface IndexedTool extends ToolText {
  readonly id: string;
  readonly readOnly: boolean;
}

/** A filter as the index takes it. */
export interface IndexFilter {
  readonly servers?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly readOnly?: boolean | undefined;
}

/** A tool found by words. */
export interface IndexHit {
  readonly id: string;
  readonly score: number;
}

/** Where tools that pass a filter are fewer than this share of the terms' postings, only these are looked at. */
const fewTools = 0.25;

/**
 * An incremental inverted index over tools, ranked by BM25F. Adding, changing and removing a tool costs what that tool
 * has of text; the result is the same as of an index built anew.
 */
export class SearchIndex {
  readonly #model: RankingModel;
  readonly #synonyms: Thesaurus | undefined;
  readonly #vocabulary = new Vocabulary();
  readonly #numbers = new Map<string, number>();
  readonly #documents: (Document | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #byServer = new Map<string, Set<number>>();
  readonly #byTag = new Map<string, Set<number>>();
  readonly #scores = new Scores();

  constructor(options: { model?: RankingModel | undefined; synonyms?: Thesaurus | undefined } = {}) {
    this.#model = options.model ?? defaultModel;
    this.#synonyms = options.synonyms;
  }

  /** How many tools are in. */
  get size(): number {
    return this.#numbers.size;
  }

  /** How many tools, different terms, and pairs of both are in. */
  sizes(): { tools: number; terms: number; postings: number } {
    let postings = 0;
    for (const one of this.#vocabulary.values()) postings += one.size;
    return { tools: this.size, terms: this.#vocabulary.size, postings };
  }

  /** Adds a tool, or replaces the one with its id; only terms that differ are touched. */
  set(tool: IndexedTool): void {
    const known = this.#numbers.get(tool.id);
    const number = known ?? this.#free.pop() ?? this.#documents.length;
    const before = this.#documents[number];
    const terms: Postings[] = [];
    for (const [term, frequency] of weighTerms(tool, this.#model)) {
      const postings = this.#vocabulary.take(term);
      postings.set(number, frequency / (this.#model.k1 + frequency));
      terms.push(postings);
    }
    if (before !== undefined) {
      const kept = new Set(terms);
      for (const postings of before.terms) if (!kept.has(postings)) this.#take(postings, number);
      this.#ungroup(before, number);
    }
    const { id, server, tags, readOnly } = tool;
    this.#documents[number] = { id, server, tags: [...new Set(tags)], readOnly, terms };
    this.#numbers.set(id, number);
    group(this.#byServer, server, number);
    for (const tag of this.#documents[number].tags) group(this.#byTag, tag, number);
    this.#scores.reserve(this.#documents.length);
  }

  /** Takes a tool out; false where there is none with that id. */
  delete(id: string): boolean {
    const number = this.#numbers.get(id);
    if (number === undefined) return false;
    const document = this.#documents[number]!;
    for (const postings of document.terms) this.#take(postings, number);
    this.#ungroup(document, number);
    this.#documents[number] = undefined;
    this.#numbers.delete(id);
    this.#free.push(number);
    return true;
  }

  /** The best tools for a query, best first; tools of the same score in order of their id. */
  search(query: string, limit: number, filter: IndexFilter = {}): IndexHit[] {
    const groups = readQuery(query, this.#vocabulary, this.size, this.#model, this.#synonyms);
    const terms = groups.flatMap((group) => (group.ranksOnly ? [] : group.terms));
    if (terms.length === 0) return [];
    const postings = terms.reduce((sum, term) => sum + term.postings.size, 0);
    const narrow = this.#narrow(filter);
    const few = narrow !== undefined && narrow.size * terms.length < fewTools * postings;
    return topDocuments(groups, {
      limit,
      scores: this.#scores,
      passes: this.#test(filter),
      only: few ? narrow : undefined,
      compare: (a, b) => (this.#documents[a]!.id < this.#documents[b]!.id ? -1 : 1),
    }).map(({ document, score }) => ({ id: this.#documents[document]!.id, score }));
  }

  /** Everything the index holds, in a form that is equal for equal contents however they came in; for tests. */
  contents(): Map<string, Map<string, number>> {
    const all = new Map<string, Map<string, number>>();
    const ids = [...this.#numbers].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [id, number] of ids) {
      const terms = [...this.#documents[number]!.terms].sort((a, b) => (a.term < b.term ? -1 : 1));
      all.set(id, new Map(terms.map((one) => [one.term, one.impacts[one.find(number)]!])));
    }
    return all;
  }

  #take(postings: Postings, number: number): void {
    postings.delete(number);
    this.#vocabulary.dropIfEmpty(postings);
  }

  #ungroup(document: Document, number: number): void {
    ungroup(this.#byServer, document.server, number);
    for (const tag of document.tags) ungroup(this.#byTag, tag, number);
  }

  /** The smallest set of tools that the filter names; undefined where it names none. */
  #narrow({ servers, tags }: IndexFilter): ReadonlySet<number> | undefined {
    const sets: ReadonlySet<number>[] = [];
    if (servers !== undefined) {
      const ofServers = servers.map((server) => this.#byServer.get(server) ?? new Set<number>());
      sets.push(ofServers.length === 1 ? ofServers[0]! : new Set(ofServers.flatMap((set) => [...set])));
    }
    for (const tag of tags ?? []) sets.push(this.#byTag.get(tag) ?? new Set());
    return sets.sort((a, b) => a.size - b.size)[0];
  }

  #test({ servers, tags, readOnly }: IndexFilter): ((number: number) => boolean) | undefined {
    if (servers === undefined && readOnly === undefined && (tags === undefined || tags.length === 0))
      return undefined;
    const allowed = servers === undefined ? undefined : new Set(servers);
    const sets = (tags ?? []).map((tag) => this.#byTag.get(tag) ?? new Set<number>());
    return (number) => {
      const document = this.#documents[number]!;
      if (allowed !== undefined && !allowed.has(document.server)) return false;
      if (readOnly !== undefined && document.readOnly !== readOnly) return false;
      return sets.every((set) => set.has(number));
    };
  }
}

interface Document {
  readonly id: string;
  readonly server: string;
  readonly tags: readonly string[];
  readonly readOnly: boolean;
  readonly terms: readonly Postings[];
}

function group(groups: Map<string, Set<number>>, name: string, number: number): void {
  const members = groups.get(name);
  if (members === undefined) groups.set(name, new Set([number]));
  else members.add(number);
}

function ungroup(groups: Map<string, Set<number>>, name: string, number: number): void {
  const members = groups.get(name);
  members?.delete(number);
  if (members?.size === 0) groups.delete(name);
}
