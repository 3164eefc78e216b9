import { isJsonObject, usageError, type Json, type JsonObject } from '../../core/index.js';

/** Where in the result of a tool a value is. */
export interface AnswerPath {
  /** As it was written. */
  text: string;
  /** `any`: the structuredContent where there is one, else the first text that is JSON. `json`: that text. */
  root: 'any' | 'structuredContent' | 'content' | 'json';
  steps: (string | number)[];
}

/** A text longer than this is not looked into, in characters; and so many texts are tried. */
const limits = { characters: 1_000_000, texts: 20 };

const step = /^(?:\.([^.[\]"\s]+)|\[(\d{1,9})\]|\["((?:[^"\\]|\\.)*)"\])/;

const howTo =
  "Such as '$.id', 'structuredContent.items[0].id', 'json.user.name' (a text that is JSON) or 'content[0].text'.";

/**
 * Reads a path into an answer: `structuredContent`, `content`, `json` or `$`, then `.name`, `[0]` or `["a name"]`; `.0`
 * is an index too.
 *
 * @throws DynoError (104) that names `what`.
 */
export function parseAnswerPath(text: string, what: string): AnswerPath {
  const first = /^(\$|structuredContent|content|json)(?=[.[]|$)/.exec(text)?.[1];
  if (first === undefined || text.length > 500) {
    throw usageError(`Expected ${what} to be a path into the answer, got '${text.slice(0, 60)}'`, howTo);
  }
  const steps: (string | number)[] = [];
  let rest = text.slice(first.length);
  while (rest !== '') {
    const match = step.exec(rest);
    if (match === null) {
      throw usageError(
        `Expected ${what} to be a path into the answer; in '${text.slice(0, 60)}' nothing can be made of '${rest.slice(0, 30)}'`,
        howTo,
      );
    }
    const [whole, name, index, quoted] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? unquoted(quoted!, what));
    rest = rest.slice(whole.length);
  }
  return { text, root: first === '$' ? 'any' : (first as AnswerPath['root']), steps };
}

function unquoted(quoted: string, what: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch (cause) {
    throw usageError(`Expected the name "${quoted}" of ${what} to be a JSON text`, howTo, cause);
  }
}

/** What the result of a tool has at a path; undefined where it has nothing there. */
export function atPath(result: JsonObject, { root, steps }: AnswerPath): Json | undefined {
  let at = rootOf(result, root);
  for (const step of steps) {
    if (Array.isArray(at)) at = /^\d+$/.test(String(step)) ? at[Number(step)] : undefined;
    else at = isJsonObject(at) && Object.hasOwn(at, String(step)) ? at[step] : undefined;
  }
  return at;
}

function rootOf(result: JsonObject, root: AnswerPath['root']): Json | undefined {
  if (root === 'structuredContent' || root === 'content') return result[root];
  const structured = root === 'any' ? result['structuredContent'] : undefined;
  return structured ?? jsonText(result['content']);
}

/** The first text of the content that is JSON. */
function jsonText(content: Json | undefined): Json | undefined {
  if (!Array.isArray(content)) return undefined;
  for (const block of content.slice(0, limits.texts)) {
    if (!isJsonObject(block)) continue;
    const { type, text } = block;
    if (type !== 'text' || typeof text !== 'string' || text.length > limits.characters) continue;
    try {
      return JSON.parse(text) as Json;
    } catch {
      continue;
    }
  }
  return undefined;
}
