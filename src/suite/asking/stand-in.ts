import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { RpcError, type RequestHandler } from '../../protocol/index.js';

/** What a client must say it can, to be asked everything. */
export const everyCapability: JsonObject = { sampling: {}, elicitation: {}, roots: {} };

/** A request that was answered. */
export interface Answered {
  method: string;
  /** The params as JSON: marks of calls may be in it. */
  asked: string;
  /** The mark in the answer. */
  mark: string;
}

/** What we look through of one request or result; they are a server's. */
const mostText = 1_000_000;

/** Marks that a text holds, each once. */
export function marksIn(text: string): string[] {
  return [...new Set(text.slice(0, mostText).match(/dyno-(?:call|answer)-\d+-end/g) ?? [])];
}

/** Answers what servers ask, with a mark of its own in each answer, so that it can be told where it went. */
export class StandIn {
  readonly answered: Answered[] = [];
  /** The latest result by method, for answers under load. */
  readonly latest = new Map<string, JsonObject>();
  #marks = 0;

  /** A mark that a call can carry. */
  callMark(): string {
    return `dyno-call-${++this.#marks}-end`;
  }

  readonly answer: RequestHandler = (method, params) => {
    const mark = `dyno-answer-${++this.#marks}-end`;
    const result = resultFor(method, params, mark);
    if (result === undefined)
      return Promise.reject(new RpcError(-32601, `mcp-dyno does not answer ${method}`));
    this.answered.push({ method, asked: JSON.stringify(params).slice(0, mostText), mark });
    this.latest.set(method, result);
    return Promise.resolve(result);
  };

  /** Refuses everything, as a user does who is asked too much. */
  readonly refuse: RequestHandler = () =>
    Promise.reject(new RpcError(-1, 'refused by mcp-dyno, to see what becomes of the call'));
}

function resultFor(method: string, params: JsonObject, mark: string): JsonObject | undefined {
  switch (method) {
    case 'sampling/createMessage':
      return {
        role: 'assistant',
        model: 'mcp-dyno',
        stopReason: 'endTurn',
        content: { type: 'text', text: mark },
      };
    case 'elicitation/create':
      // A page that we were to open (URL mode) is not opened.
      if (params['mode'] === 'url') return { action: 'decline' };
      return { action: 'accept', content: contentFor(params['requestedSchema'], mark) };
    case 'roots/list':
      return { roots: [{ uri: `file:///${mark}`, name: mark }] };
    default:
      return undefined;
  }
}

/** Values for a form: flat, of primitives (2025-11-25, "Elicitation"). */
function contentFor(schema: Json | undefined, mark: string): JsonObject {
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  if (!isJsonObject(properties)) return {};
  const entries = Object.entries(properties).map(([name, field]): [string, Json] => [
    name,
    isJsonObject(field) ? valueFor(field, mark) : mark,
  ]);
  return Object.fromEntries(entries);
}

const formatted: Readonly<Record<string, (mark: string) => string>> = {
  email: (mark) => `${mark}@example.com`,
  uri: (mark) => `https://example.com/${mark}`,
  date: () => '2026-01-02',
  'date-time': () => '2026-01-02T03:04:05Z',
};

function valueFor(field: JsonObject, mark: string): Json {
  const { type, format, minimum } = field;
  const [choice] = choicesOf(field);
  if (choice !== undefined) return choice;
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return typeof minimum === 'number' ? minimum : 1;
  if (type === 'array') {
    const [item] = isJsonObject(field['items']) ? choicesOf(field['items']) : [];
    return item === undefined ? [] : [item];
  }
  const make = typeof format === 'string' && Object.hasOwn(formatted, format) ? formatted[format] : undefined;
  return make?.(mark) ?? mark;
}

function choicesOf(field: JsonObject): Json[] {
  if (Array.isArray(field['enum'])) return field['enum'];
  const titled = field['oneOf'] ?? field['anyOf'];
  if (!Array.isArray(titled)) return [];
  return titled.flatMap((each) => (isJsonObject(each) && each['const'] !== undefined ? [each['const']] : []));
}
