import type { Metrics } from '../../core/run-result.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadTarget } from '../load-target.js';
import type { LoadReport } from '../runner/load-report.js';
import { timeMetrics } from './time-metrics.js';

/** How many sessions a load opened and ended, and how long ending took; empty unless the plan opens and ends them. */
export function sessionMetrics({ session }: LoadPlan, report: LoadReport): Metrics {
  const { initialize, sessionClose, unclosed } = report;
  if (session === 'shared' || session === 'per-vu' || initialize.count === 0) return {};
  const count = (value: number) => ({ value, unit: 'count' });
  return {
    'sessions.opened': count(initialize.count),
    'sessions.ended': count(sessionClose.count),
    ...(unclosed > 0 ? { 'sessions.not_ended': count(unclosed) } : {}),
    ...timeMetrics('session_close', sessionClose),
  };
}

/** What a reader must know of the sessions of a load, a sentence each. */
export function sessionNotes(plan: LoadPlan, report: LoadReport, target: LoadTarget): string[] {
  const { session } = plan;
  if (session === 'shared' || session === 'per-vu') return [];
  const flag = `--session ${session}`;
  if (target.kind === 'stdio')
    return [`${flag} changed nothing: over stdio a session is the process, and all calls went to one.`];
  if (target.kind === 'sse')
    return [`${flag} changed nothing: over legacy HTTP+SSE a session is its stream and ends with it.`];
  if (target.era === 'stateless')
    return [`${flag} changed nothing: the stateless era has no sessions, and every call stands for itself.`];
  const { initialize, sessionClose, unclosed } = report;
  const opened = `${initialize.count} sessions were opened`;
  if (session === 'abandoned')
    return [`${opened} and left without DELETE; they were ended when the load was over.`];
  const refused = unclosed === 0 ? '' : `; ${unclosed} times the server did not end one that it was told to`;
  if (sessionClose.count + unclosed === 0)
    return [
      `${opened}, and none was ended with DELETE: the server gives no session ids, or none came to its end.`,
    ];
  if (session === 'per-call')
    return [
      `${opened} and ${sessionClose.count} ended with DELETE; a call's time covers all three${refused}.`,
    ];
  const last = initialize.count - sessionClose.count - unclosed - report.reopened;
  const rest =
    last > 0 ? `, and the last ${last}, which virtual users still had, when the load was over` : '';
  return [
    `${opened}: ${sessionClose.count} were ended with DELETE after ${plan.sessionCalls ?? 10} calls each${rest}${refused}; ` +
      "no call's service time covers that (initialize.*, session_close.*).",
  ];
}
