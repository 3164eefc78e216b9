import { messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { WireError, type McpConnection } from '../../protocol/index.js';

/** How a call on each of many connections came out. */
export interface CalledAll {
  /** Connections that answered, in whatever way: they are held. */
  alive: number;
  /** How long each answer took, ms. */
  answerMs: number[];
  /** What the first of the others ran into; undefined where there was none. */
  firstFault: string | undefined;
}

/** One call on each connection, all at once: what answers now is really held, all of it together. Never rejects. */
export async function callAll(
  connections: readonly McpConnection[],
  operation: OperationPlan | undefined,
  timeoutMs: number,
): Promise<CalledAll> {
  const called: CalledAll = { alive: 0, answerMs: [], firstFault: undefined };
  const one = async (connection: McpConnection, index: number) => {
    const at = performance.now();
    try {
      await call(connection, operation, index, timeoutMs);
    } catch (error) {
      // A refusal is an answer too; a session that is gone is not (404, and 400 with some servers).
      const answered = error instanceof WireError && (error.outcome === 'rpc' || error.outcome === 'tool');
      if (!answered) {
        called.firstFault ??= printableLine(messageOf(error), 200);
        return;
      }
    }
    called.alive++;
    called.answerMs.push(performance.now() - at);
  };
  await Promise.all(connections.map(one));
  return called;
}

async function call(
  connection: McpConnection,
  operation: OperationPlan | undefined,
  index: number,
  timeoutMs: number,
): Promise<void> {
  const { sessionId } = connection;
  if (operation?.tool === undefined) await connection.ping({ timeoutMs });
  else {
    const { arguments: args } = operation.params[index % operation.params.length] ?? {};
    await connection.callTool(operation.tool, (args ?? {}) as Record<string, never>, { timeoutMs });
  }
  // An expired session is opened again by the connection itself: then it was not held.
  if (connection.sessionId !== sessionId)
    throw new WireError('the session was gone and had to be opened again', { outcome: 'http', status: 404 });
}
