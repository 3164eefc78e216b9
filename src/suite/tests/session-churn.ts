import type { Metric, Metrics } from '../../core/run-result.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { churnProcesses } from '../churn/churn-processes.js';
import { judgeSessions, memoryByCalls, type SessionGrowth } from '../churn/session-memory.js';
import { figure } from '../figure.js';
import { countsOnly } from '../levels/counts-only.js';
import type { LoadedPart, SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { joinedParts } from './joined-parts.js';

/** Sessions under way at once. */
const vus = 8;

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
    processes: { what: 'processes (stdio)', smoke: 3, quick: 8, full: 40, min: 1, max: 100_000 },
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
    return outcomeOf(context, await churn(context));
  },
};

/** The loads in their order; those that were not made because the run was stopped are missing. */
interface Churned {
  warmed?: LoadedPart;
  shared?: LoadedPart;
  ended?: LoadedPart;
  abandoned?: LoadedPart;
}

async function churn(context: TestContext): Promise<Churned> {
  const duration = context.number('duration');
  const sessions = context.number('sessions');
  const warmed = await load(context, 'warm-up', 'per-call', context.number('warmup'), duration / 8);
  const shared = await load(context, 'calls in one session', 'shared', Math.ceil(sessions / 2), duration / 2);
  const ended = await load(context, 'sessions ended', 'per-call', sessions, duration);
  const abandoned = await load(
    context,
    'sessions abandoned',
    'abandoned',
    context.number('abandoned'),
    duration / 2,
  );
  return {
    ...(warmed === undefined ? {} : { warmed }),
    ...(shared === undefined ? {} : { shared }),
    ...(ended === undefined ? {} : { ended }),
    ...(abandoned === undefined ? {} : { abandoned }),
  };
}

/** So many calls spread over the time, or over twice of it where the server is slow. */
async function load(
  context: TestContext,
  phase: string,
  session: LoadPlan['session'],
  calls: number,
  durationMs: number,
): Promise<LoadedPart | undefined> {
  if (calls < 1 || context.stop.aborted) return undefined;
  return await context.load(
    {
      executor: {
        kind: 'shared-iterations',
        vus,
        iterations: Math.round(calls),
        maxDurationMs: 2 * durationMs,
      },
      session,
      thinkTime: { kind: 'constant', ms: (vus * durationMs) / calls },
      warmup: { kind: 'none' },
    },
    phase,
  );
}

function outcomeOf(context: TestContext, churned: Churned): TestOutcome {
  const { warmed, shared, ended, abandoned } = churned;
  const loads = [warmed, shared, ended, abandoned].flatMap((part) => part ?? []);
  const joined = joinedParts(loads);
  const control = shared === undefined ? [] : memoryByCalls(shared);
  const bound = context.number('bound');
  const growth = (part: LoadedPart | undefined) =>
    part === undefined ? undefined : judgeSessions(memoryByCalls(part), control, bound);
  const leak = growth(ended);
  const held = growth(abandoned);
  const metrics: Metrics = {
    ...countsOnly(joined.metrics),
    ...(ended === undefined ? {} : rateOf(ended)),
    ...growthMetric('leak.bytes_per_session', leak),
    ...growthMetric('sessions.bytes_abandoned', held),
  };
  const died = loads.find((part) => part.report.died !== undefined)?.report.died;
  return {
    ...joined,
    // Nothing here is a matter of time: that a call was late changes nothing.
    ...(joined.generator === undefined
      ? {}
      : { generator: { ...joined.generator, limited: false, evidence: [] } }),
    metrics,
    ...(leak?.perSession == null
      ? {}
      : { finding: `each ended session leaves ${bytesText(leak.perSession)}` }),
    notes: [
      ...(leak === undefined ? [] : [`Ended sessions: ${ofSessions(leak.finding.reason)}.`]),
      ...(held?.perSession == null
        ? []
        : [`Each abandoned session holds ${bytesText(held.perSession)} while the server keeps it.`]),
      ...(joined.notes ?? []).filter((note) => !note.startsWith('Closed model')),
    ],
    notJudged: [
      ...(joined.notJudged ?? []),
      ...(leak?.finding.verdict === 'undecidable'
        ? [`leak of ended sessions: ${ofSessions(leak.finding.reason)}`]
        : []),
    ],
    details: { ended: detailsOf(leak), abandoned: detailsOf(held) },
    ...(leak?.finding.verdict === 'leaking'
      ? { status: 'fail', reason: `each ended session leaves ${bytesText(leak.perSession!)} in memory` }
      : {}),
    ...(died === undefined ? {} : { status: 'error', reason: `the target ended: ${died}` }),
  };
}

/** The analysis counts calls; here each has a session of its own. */
function ofSessions(reason: string): string {
  return reason.replaceAll('per call', 'per session').replaceAll('calls', 'sessions');
}

function rateOf({ parts }: LoadedPart): Metrics {
  const throughput = parts.metrics['throughput'];
  return throughput === undefined ? {} : { 'sessions.rate': throughput };
}

function growthMetric(name: string, growth: SessionGrowth | undefined): Metrics {
  const seen = growth?.perSession;
  if (seen == null) return {};
  const metric: Metric = { value: seen.value, unit: 'B', ci95: seen.ci95 };
  return { [name]: metric };
}

function bytesText({ value, ci95 }: { value: number; ci95: [number, number] }): string {
  const kilobytes = (bytes: number) => figure(bytes / 1000);
  return `${kilobytes(value)} kB (95 %: ${kilobytes(ci95[0])} to ${kilobytes(ci95[1])})`;
}

function detailsOf(growth: SessionGrowth | undefined) {
  if (growth === undefined) return null;
  const { perSession, finding } = growth;
  return {
    verdict: finding.verdict,
    reason: finding.reason,
    bytes_per_session: perSession === null ? null : { value: perSession.value, ci95: perSession.ci95 },
  };
}
