import { isJsonObject, type JsonObject } from '../../core/json.js';

/** Says what is wrong with a result, or undefined where it has the shape that the specification demands. */
export type ShapeCheck = (result: JsonObject) => string | undefined;

/** A member that must be a list of objects, of which each has this text. */
function listOf(member: string, text: string): ShapeCheck {
  return (result) => {
    const items = result[member];
    if (!Array.isArray(items)) return `has no list '${member}'`;
    for (const item of items) {
      if (!isJsonObject(item) || typeof item[text] !== 'string') return `has ${member} without '${text}'`;
    }
    const cursor = result['nextCursor'];
    return cursor === undefined || typeof cursor === 'string'
      ? undefined
      : "has a 'nextCursor' that is no text";
  };
}

function contents(result: JsonObject): string | undefined {
  const items = result['contents'];
  if (!Array.isArray(items)) return "has no list 'contents'";
  for (const item of items) {
    if (!isJsonObject(item) || typeof item['uri'] !== 'string') return "has contents without 'uri'";
    if (typeof item['text'] !== 'string' && typeof item['blob'] !== 'string')
      return "has contents with neither 'text' nor 'blob'";
  }
  return undefined;
}

function messages(result: JsonObject): string | undefined {
  const items = result['messages'];
  if (!Array.isArray(items)) return "has no list 'messages'";
  for (const item of items) {
    if (!isJsonObject(item) || (item['role'] !== 'user' && item['role'] !== 'assistant'))
      return 'has a message that is neither of the user nor of the assistant';
    if (!isJsonObject(item['content'])) return "has a message without 'content'";
  }
  return undefined;
}

/** Completions are at most so many (2025-11-25, "Completion"). */
const mostCompletions = 100;

function completion(result: JsonObject): string | undefined {
  const found = result['completion'];
  const values = isJsonObject(found) ? found['values'] : undefined;
  if (!Array.isArray(values)) return "has no 'completion' with a list 'values'";
  if (values.length > mostCompletions)
    return `has ${values.length} values, and at most ${mostCompletions} are allowed`;
  return values.every((value) => typeof value === 'string') ? undefined : 'has values that are no texts';
}

function discovery(result: JsonObject): string | undefined {
  if (!Array.isArray(result['supportedVersions'])) return "has no list 'supportedVersions'";
  return isJsonObject(result['capabilities']) ? undefined : "has no 'capabilities'";
}

const shapes: ReadonlyMap<string, ShapeCheck> = new Map([
  ['tools/list', listOf('tools', 'name')],
  ['resources/list', listOf('resources', 'uri')],
  ['resources/templates/list', listOf('resourceTemplates', 'uriTemplate')],
  ['resources/read', contents],
  ['prompts/list', listOf('prompts', 'name')],
  ['prompts/get', messages],
  ['completion/complete', completion],
  ['server/discover', discovery],
]);

/** The check of a method's results; undefined where any object will do (`ping`, subscriptions) or another one looks. */
export function shapeCheck(method: string): ShapeCheck | undefined {
  return shapes.get(method);
}
