import { isJsonObject, systemClock, unreachableError, type Clock, type JsonObject } from '../core/index.js';
import type { CallAnswer, ToolCaller } from '../plan/mix/index.js';
import { WireError, type McpConnection } from '../protocol/index.js';

/** How single calls are made. */
export interface CallerOptions {
  timeoutMs: number;
  signal: AbortSignal;
  clock?: Clock;
  /** What the server wrote to stderr. */
  lastWords?: () => string;
}

/** Calls tools one at a time over a connection. Rejects with exit code 111 once the connection is gone. */
export function toolCaller(
  connection: McpConnection,
  { timeoutMs, signal, clock = systemClock, lastWords }: CallerOptions,
): ToolCaller {
  let gone: string | undefined;
  void connection.closed.then(({ reason }) => {
    gone = reason;
  });
  return {
    async call(tool, args) {
      signal.throwIfAborted();
      const started = clock.now();
      try {
        const result = await connection.callTool(tool, args, { timeoutMs, signal });
        return answerOf(result as unknown as JsonObject, clock.now() - started);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        // The connection tells of its end a moment after the call that met it.
        await Promise.resolve();
        if (gone !== undefined) {
          const said = lastWords?.().trim() ?? '';
          throw unreachableError(
            `The connection ended in the call of ${tool}: ${gone}`,
            said === ''
              ? `Try it alone (dyno call ${tool}), or leave it out: --deny ${tool}.`
              : `Its last words on stderr: ${said.slice(-1500)}`,
            error,
          );
        }
        return { ok: false, class: error.outcome, message: error.message, ms: clock.now() - started };
      }
    },
  };
}

/** A result of `tools/call` as an answer. */
export function answerOf(result: JsonObject, ms: number): CallAnswer {
  const content = Array.isArray(result['content']) ? result['content'] : [];
  const texts = content.flatMap((block) =>
    isJsonObject(block) && block['type'] === 'text' && typeof block['text'] === 'string'
      ? [block['text']]
      : [],
  );
  return {
    ok: true,
    isError: result['isError'] === true,
    structured: result['structuredContent'],
    texts,
    result,
    ms,
  };
}
