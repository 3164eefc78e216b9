import { churnProcesses } from '../churn/churn-processes.js';
import { churnReport } from '../churn/churn-report.js';
import { churnSessions, churnVus as vus, type Churned } from '../churn/churn-sessions.js';
import { countsOnly } from '../levels/counts-only.js';
import type { SuiteTest, TestOutcome } from '../suite-test.js';
import { joinedParts } from './joined-parts.js';

/** Sessions opened, called and closed, and abandoned: what each of them leaves in the target's memory. */
export const sessionChurn: SuiteTest = {
  id: 'session-churn',
  title: 'Sessions opened, called and closed',
  tags: ['sessions', 'memory'],
  explain:
    'Makes the same calls in three ways: all in one session, each in a session of its own that is ended with DELETE, and each in ' +
    'one that is abandoned without. Gives what an ended session leaves in memory (leak.bytes_per_session) and what an ' +
    'abandoned one holds (sessions.bytes_abandoned), with intervals, less what the calls themselves leave. Fails where ended ' +
    'sessions are shown to leave more than the bound. Abandoned sessions are ended when all is over. Over stdio a session is a ' +
    'process: they are started, called and stopped. The stateless era has no sessions and is skipped.',
  parameters: {
    sessions: {
      what: 'sessions that are ended',
      smoke: 300,
      quick: 1200,
      full: 30_000,
      min: 10,
      max: 10_000_000,
    },
    abandoned: {
      what: 'sessions that are abandoned',
      smoke: 50,
      quick: 200,
      full: 4000,
      min: 0,
      max: 1_000_000,
    },
    duration: {
      what: 'time over which the sessions are spread, ms (half of it for the calls in one session and the abandoned)',
      smoke: 1500,
      quick: 1500,
      full: 60_000,
      min: 100,
      max: 86_400_000,
    },
    warmup: { what: 'sessions before it starts', smoke: 100, quick: 200, full: 2000, min: 0, max: 1_000_000 },
    bound: {
      what: 'bytes that an ended session may leave',
      smoke: 1000,
      quick: 1000,
      full: 1000,
      min: 1,
      max: 1e9,
    },
    processes: { what: 'processes (stdio)', smoke: 2, quick: 8, full: 40, min: 1, max: 100_000 },
  },
  sharesMachine: true,
  limitMs: (parameters) => 5 * Number(parameters['duration']) + 30_000,
  skip: ({ loadTarget }) => {
    if (loadTarget.kind === 'sse')
      return 'over legacy HTTP+SSE a session is its stream and ends with it: nothing can be abandoned';
    return loadTarget.kind === 'http' && loadTarget.era === 'stateless'
      ? 'the stateless era has no sessions'
      : undefined;
  },
  needs: () => ({ fds: 3 * vus, ports: 3 * vus }),
  async run(context) {
    if (context.bench.loadTarget.kind === 'stdio')
      return await churnProcesses(context, context.number('processes'), 2 * context.number('duration'));
    const probe = await context.bench.connect();
    const { sessionId } = probe;
    await probe.close();
    if (sessionId === undefined) return { status: 'skipped', reason: 'the server hands out no session ids' };
    return outcomeOf(
      await churnSessions(context, {
        sessions: context.number('sessions'),
        abandoned: context.number('abandoned'),
        warmup: context.number('warmup'),
        durationMs: context.number('duration'),
        boundBytes: context.number('bound'),
      }),
    );
  },
};

function outcomeOf(churned: Churned): TestOutcome {
  const joined = joinedParts(churned.loads);
  const { metrics, notes, notJudged, fault, died, finding, details } = churnReport(churned);
  return {
    ...joined,
    // Nothing here is a matter of time: that a call was late changes nothing.
    ...(joined.generator === undefined
      ? {}
      : { generator: { ...joined.generator, limited: false, evidence: [] } }),
    metrics: { ...countsOnly(joined.metrics), ...metrics },
    ...(finding === undefined ? {} : { finding }),
    notes: [...notes, ...(joined.notes ?? []).filter((note) => !note.startsWith('Closed model'))],
    notJudged: [...(joined.notJudged ?? []), ...notJudged],
    details,
    ...(fault === undefined ? {} : { status: 'fail', reason: fault }),
    ...(died === undefined ? {} : { status: 'error', reason: `the target ended: ${died}` }),
  };
}
