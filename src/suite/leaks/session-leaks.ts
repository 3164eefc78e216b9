import { sessionsLeft, type SessionEnds } from '../connections/sessions-left.js';
import type { TestContext, TestOutcome } from '../suite-test.js';

/** Connections that are opened at once. */
const atOnce = 16;

/**
 * Opens sessions, ends them with DELETE, and asks each whether it still answers: one that does is leaked. The outcome is
 * unchanged where there are no sessions (stdio, HTTP+SSE, the stateless era, a server that hands out no ids).
 */
export async function withSessionLeaks(
  context: TestContext,
  outcome: TestOutcome,
  wanted: number,
): Promise<TestOutcome> {
  const { loadTarget } = context.bench;
  if (loadTarget.kind !== 'http' || loadTarget.era !== 'session' || wanted === 0) return outcome;
  const ids = await openAndEnd(context, wanted);
  if (ids.length === 0) return outcome;
  return told(outcome, ids.length, await sessionsLeft(loadTarget, ids));
}

async function openAndEnd(context: TestContext, wanted: number): Promise<string[]> {
  const ids: string[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < wanted && !context.stop.aborted) {
      begun++;
      const connection = await context.bench.connect();
      if (connection.sessionId !== undefined) ids.push(connection.sessionId);
      await connection.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, wanted) }, worker));
  return ids;
}

function told(outcome: TestOutcome, opened: number, { left, refused, unknown }: SessionEnds): TestOutcome {
  const perOpen = left / opened;
  const leak = `sessions: ${left} of ${opened} still answer after their DELETE, ${Number(perOpen.toPrecision(3))} per open and close`;
  const notes = [...(outcome.notes ?? [])];
  if (refused > 0)
    notes.push(`${refused} of ${opened} sessions stay: the server does not let clients end them.`);
  if (unknown > 0)
    notes.push(`Of ${unknown} of ${opened} ended sessions it is not known whether they are gone.`);
  const { finding, ...bare } = outcome;
  return {
    ...bare,
    ...(finding === undefined || left > 0 ? {} : { finding: `${finding}, sessions` }),
    metrics: { ...outcome.metrics, 'leak.sessions_per_open': { value: perOpen, unit: 'count' } },
    notes,
    details: { ...outcome.details, sessions: { opened, left, refused, unknown } },
    ...(left > 0
      ? { status: 'fail', reason: outcome.reason === undefined ? leak : `${outcome.reason}; ${leak}` }
      : {}),
  };
}
