import { isJsonObject, type Json } from '../../../core/json.js';
import type { CallToolResult } from '../../../protocol/types.js';

/** Longer texts are not tried as JSON. */
const longestJson = 1_000_000;

/** What a step gives to others: structured content, else its text as JSON where it is an object or list, else text. */
export function outputOf(result: CallToolResult): Json {
  return result.structuredContent ?? contentOf(result);
}

function contentOf(result: CallToolResult): Json {
  const content = Array.isArray(result.content) ? result.content : [];
  const text = content
    .filter((block) => block.type === 'text' && typeof block.text === 'string')
    .map((block) => block.text!)
    .join('\n');
  if (/^\s*[{[]/.test(text) && text.length <= longestJson) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return text;
    }
  }
  return text;
}

/** The text of an answer, for the reason of a failure. */
export function textOf(result: CallToolResult): string {
  const output = contentOf(result);
  return typeof output === 'string' ? output : JSON.stringify(output);
}

/** What a JSON Pointer (RFC 6901) leads to; undefined where it leads nowhere. */
export function at(value: Json, path: string): Json | undefined {
  if (path === '') return value;
  if (!path.startsWith('/')) return undefined;
  let current: Json | undefined = value;
  for (const part of path.slice(1).split('/')) {
    const name = part.replace(/~1/g, '/').replace(/~0/g, '~');
    if (Array.isArray(current)) current = /^(0|[1-9]\d*)$/.test(name) ? current[Number(name)] : undefined;
    else if (isJsonObject(current)) current = Object.hasOwn(current, name) ? current[name] : undefined;
    else return undefined;
  }
  return current;
}
