import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { Tool } from '../../../protocol/types.js';
import { toolAction, type Action } from '../text/actions.js';
import { eachTerm } from '../text/terms.js';
import { tokens } from '../text/tokens.js';

/** How one field of a tool counts in BM25F (Robertson and Zaragoza, 2009, section 3.6). */
export interface FieldWeight {
  /** What an occurrence is worth. */
  readonly weight: number;
  /** How much longer fields are discounted: 0 not at all, 1 in full. */
  readonly b: number;
  /**
   * The usual length in terms. Fixed rather than measured, so that adding a tool does not change the others' scores and
   * an update touches one tool only. About the means over 695 real tools.
   */
  readonly pivot: number;
}

/** The fields of a tool, in the order in which their terms are counted. */
export const fieldNames = [
  'name',
  'title',
  'server',
  'tags',
  'summary',
  'description',
  'parameterNames',
  'parameterTexts',
] as const;

/** A field that is searched. */
export type FieldName = (typeof fieldNames)[number];

/** The weights of all fields and BM25's k1. */
export interface RankingModel {
  readonly k1: number;
  readonly fields: Readonly<Record<FieldName, FieldWeight>>;
  /** What a tool gains for doing to the world what the query wants done: reading, creating, deleting and so on. */
  readonly actionWeight: number;
  /** What light verbs and other vague words of a query count, beside 1 for a telling word. */
  readonly vagueWeight: number;
  /** What a synonym of a query word counts, beside 1 for the word itself. */
  readonly synonymWeight: number;
  /** In a query of more words than this, synonyms count proportionally less. */
  readonly synonymWords: number;
  /** What the meaning of a pair of words counts (`look up`: search). */
  readonly phraseWeight: number;
  /** What a guessed correction of an unknown word counts. */
  readonly typoWeight: number;
}

/** Tuned on the tuning halves of bench/host's labelled queries and of BFCL live-multiple, in coarse steps. */
export const defaultModel: RankingModel = {
  k1: 3,
  fields: {
    name: { weight: 3, b: 0.1, pivot: 3 },
    title: { weight: 1, b: 0.4, pivot: 3 },
    server: { weight: 1.5, b: 0, pivot: 1 },
    tags: { weight: 1, b: 0.4, pivot: 3 },
    summary: { weight: 2, b: 0.6, pivot: 8 },
    description: { weight: 1, b: 0.6, pivot: 30 },
    parameterNames: { weight: 0.8, b: 0.3, pivot: 7 },
    parameterTexts: { weight: 0.5, b: 0.6, pivot: 40 },
  },
  actionWeight: 1,
  vagueWeight: 0.6,
  synonymWeight: 0.8,
  synonymWords: 4,
  phraseWeight: 0.7,
  typoWeight: 0.5,
};

/** What of a hostile tool is read at most. */
const maxName = 512;
const maxDescription = 16_384;
const maxParameterText = 2_048;
const maxParameters = 400;
const maxDepth = 6;
const maxEnumValues = 50;
const maxTermsPerField = 4_000;

/** The term under which tools of an action are indexed; no word of a text can be it. */
export function actionTerm(action: Action): string {
  return `\u0000${action}`;
}

/** A tool's text as it is indexed. */
export interface ToolText {
  readonly tool: Tool;
  readonly server: string;
  readonly tags: readonly string[];
}

/** The weighted, length-normalised term frequencies of a tool over all fields: BM25F's input, per term. */
export function weighTerms(text: ToolText, model: RankingModel): Map<string, number> {
  const weighed = new Map<string, number>();
  const { tool } = text;
  const parameters = readParameters(tool.inputSchema);
  const [summary, rest] = splitDescription(tool.description ?? '');
  const plain: Record<FieldName, readonly string[]> = {
    name: [tool.name],
    title: [tool.title ?? '', typeof tool.annotations?.title === 'string' ? tool.annotations.title : ''],
    server: [text.server],
    tags: text.tags,
    summary: [summary],
    description: [rest],
    parameterNames: parameters.names,
    parameterTexts: parameters.texts,
  };
  for (const field of fieldNames) addField(weighed, plain[field], field, model.fields[field]);
  const action = toolAction(tokens(tool.name, maxName), tokens(summary.slice(0, maxName)));
  if (action !== undefined) weighed.set(actionTerm(action), model.k1);
  return weighed;
}

/** The first sentence (or line) of a description, which says what a tool does, and the rest, which says how. */
export function splitDescription(description: string): [string, string] {
  const bounded = description.slice(0, maxDescription).trimStart();
  const end = /[.!?](?=\s)|\n|[。！？]/u.exec(bounded);
  if (end === null) return [bounded, ''];
  return [bounded.slice(0, end.index + 1), bounded.slice(end.index + 1)];
}

function addField(
  weighed: Map<string, number>,
  texts: readonly string[],
  field: FieldName,
  { weight, b, pivot }: FieldWeight,
): void {
  const counts = new Map<string, number>();
  let length = 0;
  const keepStopWords = field === 'name' || field === 'title';
  const maxCharacters = field === 'description' ? maxDescription : maxParameterText;
  for (const text of texts) {
    if (length >= maxTermsPerField) break;
    eachTerm(
      text,
      (term) => {
        counts.set(term, (counts.get(term) ?? 0) + 1);
        length++;
      },
      keepStopWords,
      maxCharacters,
      maxTermsPerField - length,
    );
  }
  // A text much shorter than usual is no better for it.
  const scale = weight / (1 - b + (b * Math.max(length, pivot / 2)) / pivot);
  for (const [term, count] of counts) weighed.set(term, (weighed.get(term) ?? 0) + count * scale);
}

/** Names, descriptions and allowed values of the parameters, nested ones too, bounded in number and depth. */
function readParameters(schema: JsonObject): { names: string[]; texts: string[] } {
  const names: string[] = [];
  const texts: string[] = [];
  const visit = (node: Json | undefined, depth: number) => {
    if (!isJsonObject(node) || depth > maxDepth) return;
    if (isJsonObject(node['properties'])) {
      for (const [name, child] of Object.entries(node['properties'])) {
        if (names.length >= maxParameters) return;
        names.push(name);
        if (isJsonObject(child)) describe(child);
        visit(child, depth + 1);
      }
    }
    visit(node['items'], depth + 1);
    for (const key of ['anyOf', 'oneOf', 'allOf']) {
      const branches = node[key];
      if (Array.isArray(branches)) for (const branch of branches.slice(0, 20)) visit(branch, depth + 1);
    }
  };
  const describe = (property: JsonObject) => {
    if (typeof property['description'] === 'string') texts.push(property['description']);
    if (typeof property['title'] === 'string') texts.push(property['title']);
    const values = property['enum'];
    if (!Array.isArray(values)) return;
    for (const value of values.slice(0, maxEnumValues)) if (typeof value === 'string') texts.push(value);
  };
  visit(schema, 0);
  return { names, texts };
}
