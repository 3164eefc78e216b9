import { isJsonObject, type JsonObject } from '../../core/json.js';

/** The result of a JSON-RPC answer, or a sentence about what it is instead. */
export function resultOf(text: string): { result: JsonObject } | { fault: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { fault: text === '' ? 'an empty answer' : 'an answer that is not JSON' };
  }
  if (!isJsonObject(answer)) return { fault: 'an answer that is no JSON-RPC message' };
  const { error, result } = answer;
  if (isJsonObject(error))
    return { fault: `JSON-RPC error ${String(error['code'])}: ${String(error['message'])}` };
  return isJsonObject(result) ? { result } : { fault: 'an answer without a result' };
}
