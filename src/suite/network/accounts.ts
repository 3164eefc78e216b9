import type { FailureClass } from '../../core/outcome.js';
import type { Metrics } from '../../core/run-result.js';
import { isJsonObject } from '../../core/json.js';
import { failureClasses } from '../../core/outcome.js';
import { totalOf, type LoadReport } from '../../load/index.js';
import type { McpConnection } from '../../protocol/index.js';
import type { Bench } from '../bench.js';

/** Where the calls of a load went. They add up: ok + answered badly + answer lost + never arrived = sent. */
export interface CallAccounts {
  sent: number;
  ok: number;
  /** Failed, but with an answer. */
  answeredBadly: number;
  /** Failed without an answer, though the server did the work. Undefined where the server does not count. */
  answerLost: number | undefined;
  /** Failed and never seen by the server. */
  neverArrived: number | undefined;
  /** Done by the server more often than sent. */
  doubled: number | undefined;
  /** Sent, and neither ok nor failed: a fault of dyno's own bookkeeping. */
  unaccounted: number;
}

/** Failures in which no answer came. */
const unanswered: ReadonlySet<FailureClass> = new Set(['connect', 'transport', 'timeout']);

/**
 * Holds what the load counted against what the server counted itself.
 *
 * @param executed calls that the server took meanwhile; undefined where it does not count.
 */
export function callAccounts(report: LoadReport, executed: number | undefined): CallAccounts {
  const { ok, failed } = totalOf(report);
  const without = failed.reduce(
    (sum, count, index) => sum + (unanswered.has(failureClasses[index]!) ? count : 0),
    0,
  );
  const all = failed.reduce((sum, count) => sum + count, 0);
  const sent = ok + all;
  const answered = sent - without;
  const known = executed === undefined ? undefined : Math.max(0, executed - sent);
  const lost = executed === undefined ? undefined : Math.min(without, Math.max(0, executed - answered));
  return {
    sent,
    ok,
    answeredBadly: all - without,
    answerLost: lost,
    neverArrived: lost === undefined ? undefined : without - lost,
    doubled: known,
    unaccounted: report.sent - sent,
  };
}

/** The accounts as metrics under a prefix such as `cut`. */
export function accountMetrics(prefix: string, accounts: CallAccounts): Metrics {
  const count = (value: number | undefined) => ({ value: value ?? null, unit: 'count' });
  return {
    [`${prefix}.calls.sent`]: count(accounts.sent),
    [`${prefix}.calls.ok`]: count(accounts.ok),
    [`${prefix}.calls.answered_badly`]: count(accounts.answeredBadly),
    [`${prefix}.calls.answer_lost`]: count(accounts.answerLost),
    [`${prefix}.calls.never_arrived`]: count(accounts.neverArrived),
    [`${prefix}.calls.doubled`]: count(accounts.doubled),
  };
}

/** Reads how many calls of tools a server has taken; undefined for servers that do not count (all but the bundled one). */
export async function callCounter(bench: Bench): Promise<(() => Promise<number | undefined>) | undefined> {
  const { serverInfo, kind } = bench.target;
  const counts = bench.tools.some(({ name }) => name === 'dyno_stats');
  if (serverInfo?.name !== 'dyno-reference' || !counts || kind === 'stdio') return undefined;
  const connection = await bench.connect();
  return () => callsTaken(connection);
}

async function callsTaken(connection: McpConnection): Promise<number | undefined> {
  const { structuredContent } = await connection.callTool('dyno_stats', {});
  const calls = isJsonObject(structuredContent) ? structuredContent['calls'] : undefined;
  return typeof calls === 'number' ? calls : undefined;
}
