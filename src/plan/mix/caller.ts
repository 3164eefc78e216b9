import type { FailureClass, Json, JsonObject } from '../../core/index.js';

/** What one call came to, for probing, setup and teardown. */
export type CallAnswer =
  | {
      ok: true;
      /** `isError` of the result. */
      isError: boolean;
      structured: Json | undefined;
      /** The texts of its content. */
      texts: string[];
      /** The whole result. */
      result: JsonObject;
      ms: number;
    }
  | { ok: false; class: FailureClass; message: string; ms: number };

/** Makes single calls, one after another. Rejects only when the connection is gone for good. */
export interface ToolCaller {
  call(tool: string, args: JsonObject): Promise<CallAnswer>;
}

/** The message of an answer that is no success, in a few words. */
export function errorText(answer: CallAnswer): string {
  if (!answer.ok) return answer.message;
  return answer.texts.join(' ').trim() || 'isError without a message';
}
