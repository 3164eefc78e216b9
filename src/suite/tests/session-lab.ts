import { messageOf } from '../../core/errors.js';
import type { Metrics } from '../../core/run-result.js';
import type { LoadTarget } from '../../load/index.js';
import { churnReport } from '../churn/churn-report.js';
import { churnSessions, churnVus } from '../churn/churn-sessions.js';
import { withSessionLeaks } from '../leaks/session-leaks.js';
import { countsOnly } from '../levels/counts-only.js';
import { expiredSession } from '../sessions/expired-session.js';
import { count, type LabPart } from '../sessions/lab-part.js';
import { refusedProbes, stillAnswers } from '../sessions/refused-probes.js';
import { foreignReplica, freshConnections } from '../sessions/replicas.js';
import { resumedStreams } from '../sessions/resumed-stream.js';
import { SessionWire } from '../sessions/session-wire.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { joinedParts } from './joined-parts.js';

/** What sessions do when they are not treated politely. */
export const sessionLab: SuiteTest = {
  id: 'session-lab',
  title: 'Sessions refused, ended, cut and shared',
  tags: ['sessions'],
  explain:
    'Treats sessions as bad clients, networks and load balancers do, over HTTP in the session era. Sends requests that have to be ' +
    'refused (GET, HEAD, OPTIONS and DELETE without a session, an unknown session, no Accept): no answer, a closed connection ' +
    'or a 5xx fails, departures from the specification are told. Ends a session behind the back of its client, which opens a ' +
    'new one, and counts the calls refused and lost (expiry.*). Cuts the streams of calls and resumes them with Last-Event-ID ' +
    'where the server gives event ids: every answer has to arrive exactly once (resume.*). Uses a session of one instance on a ' +
    'second one, and one session over many fresh connections: a share that is refused means replicas without stickiness ' +
    '(replicas.refused_share). Names sessions that survive their DELETE (leak.sessions_per_open), and measures what a session ' +
    'leaves in memory as session-churn does (leak.bytes_per_session, sessions.bytes_abandoned).',
  parameters: {
    patience: {
      what: 'an answer that has not come by then does not come, ms',
      smoke: 5000,
      quick: 5000,
      full: 10_000,
      min: 50,
      max: 600_000,
    },
    idle: {
      what: 'how long a session is left unused to see whether it expires, ms; 0: not',
      smoke: 0,
      quick: 0,
      full: 0,
      min: 0,
      max: 86_400_000,
    },
    resumes: { what: 'streams cut and resumed', smoke: 2, quick: 5, full: 20, min: 0, max: 10_000 },
    connections: {
      what: 'fresh connections with one session',
      smoke: 10,
      quick: 50,
      full: 200,
      min: 0,
      max: 100_000,
    },
    deletes: {
      what: 'sessions ended and then called',
      smoke: 20,
      quick: 50,
      full: 200,
      min: 0,
      max: 1_000_000,
    },
    sessions: {
      what: 'sessions ended for their memory; 0: not measured',
      smoke: 300,
      quick: 1200,
      full: 10_000,
      min: 0,
      max: 10_000_000,
    },
    abandoned: {
      what: 'sessions abandoned for their memory',
      smoke: 50,
      quick: 200,
      full: 2000,
      min: 0,
      max: 1_000_000,
    },
    duration: {
      what: 'time over which the sessions are spread, ms',
      smoke: 1500,
      quick: 1500,
      full: 30_000,
      min: 100,
      max: 86_400_000,
    },
    bound: {
      what: 'bytes that an ended session may leave',
      smoke: 1000,
      quick: 1000,
      full: 1000,
      min: 1,
      max: 1e9,
    },
  },
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) => {
    const value = (name: string) => Number(parameters[name]);
    const requests = 30 + (value('resumes') * 3 + (value('connections') + value('deletes')) / 8) * 0.2;
    return 60_000 + value('idle') + requests * value('patience') + 5 * value('duration');
  },
  skip: ({ loadTarget }) => {
    if (loadTarget.kind === 'stdio') return 'over stdio a session is the process and cannot be treated so';
    if (loadTarget.kind === 'sse')
      return 'over legacy HTTP+SSE a session is its stream and ends with it: it has no id to be used again';
    return loadTarget.era === 'stateless'
      ? 'the stateless era has no sessions (--protocol 2025-11-25 asks for the session era)'
      : undefined;
  },
  needs: () => ({ fds: 64 + 3 * churnVus, ports: 64 + 3 * churnVus }),
  async run(context) {
    const { loadTarget } = context.bench;
    if (loadTarget.kind !== 'http') return { status: 'skipped', reason: 'not over HTTP' };
    return await laboratory(context, loadTarget);
  },
};

async function laboratory(
  context: TestContext,
  target: Extract<LoadTarget, { kind: 'http' }>,
): Promise<TestOutcome> {
  const [operation] = context.operations;
  const wire = new SessionWire(target, { operation, patienceMs: context.number('patience') });
  try {
    const unanswered = await stillAnswers(wire);
    if (unanswered !== undefined)
      return {
        status: 'fail',
        reason: `a plain call in a session of its own is not answered: ${unanswered}`,
      };
    const session = await wire.open();
    const parts = new Map<string, LabPart>();
    parts.set('refused', await refusedProbes(wire, session, context.stop));
    if (session === undefined) {
      const notJudged = ['all else: the server hands out no session ids'];
      return withOwnCalls(assembled(parts, notJudged), wire);
    }
    await wire.end(session);
    const broken = await withSessions(context, wire, parts);
    const outcome = assembled(parts, broken === undefined ? [] : [broken]);
    return withOwnCalls(await withSurvivors(context, await withMemory(context, outcome)), wire);
  } finally {
    await wire.close();
  }
}

/** Runs the parts that need a session; what ended them before their time. */
async function withSessions(
  context: TestContext,
  wire: SessionWire,
  parts: Map<string, LabPart>,
): Promise<string | undefined> {
  const { stop } = context;
  const each: [string, () => Promise<LabPart>][] = [
    ['expired', () => expiredSession(wire, { idleMs: context.number('idle'), stop })],
    ['resumed', () => resumedStreams(wire, { times: context.number('resumes'), stop })],
    ['another instance', () => foreignReplica(context, wire)],
    ['fresh connections', () => freshConnections(wire, { connections: context.number('connections'), stop })],
  ];
  for (const [name, part] of each) {
    if (stop.aborted) return `${name}: stopped before it`;
    try {
      parts.set(name, await part());
    } catch (error) {
      if (stop.aborted) return `${name}: stopped`;
      parts.set(name, {
        metrics: {},
        faults: [`${name}: ${messageOf(error)}`],
        findings: [],
        notJudged: [],
        details: null,
      });
    }
  }
  return undefined;
}

function assembled(parts: ReadonlyMap<string, LabPart>, notJudged: readonly string[]): TestOutcome {
  const all = [...parts.values()];
  const faults = all.flatMap((part) => part.faults);
  const findings = all.flatMap((part) => part.findings);
  return {
    metrics: Object.assign({}, ...all.map((part) => part.metrics)) as NonNullable<TestOutcome['metrics']>,
    finding: all.flatMap((part) => part.summary ?? []).join(', '),
    notes: findings,
    notJudged: [...all.flatMap((part) => part.notJudged), ...notJudged],
    details: Object.fromEntries([...parts].map(([name, part]) => [name, part.details])),
    ...(faults.length === 0 ? {} : { status: 'fail', reason: faults.join('; ') }),
  };
}

/** The outcome with what sessions leave in memory. */
async function withMemory(context: TestContext, outcome: TestOutcome): Promise<TestOutcome> {
  if (context.number('sessions') === 0 || context.stop.aborted) return outcome;
  const churned = await churnSessions(context, {
    sessions: context.number('sessions'),
    abandoned: context.number('abandoned'),
    warmup: Math.ceil(context.number('sessions') / 6),
    durationMs: context.number('duration'),
    boundBytes: context.number('bound'),
  });
  const joined = joinedParts(churned.loads);
  const report = churnReport(churned);
  const reasons = [outcome.reason, report.fault].flatMap((reason) => reason ?? []);
  return {
    ...joined,
    // Nothing here is a matter of time: that a call was late changes nothing.
    ...(joined.generator === undefined
      ? {}
      : { generator: { ...joined.generator, limited: false, evidence: [] } }),
    ...outcome,
    metrics: { ...countsOnly(joined.metrics), ...report.metrics, ...outcome.metrics },
    notes: [...(outcome.notes ?? []), ...report.notes],
    notJudged: [...(outcome.notJudged ?? []), ...(joined.notJudged ?? []), ...report.notJudged],
    details: { ...outcome.details, memory: report.details },
    ...(reasons.length === 0 ? {} : { status: 'fail', reason: reasons.join('; ') }),
    ...(report.died === undefined ? {} : { status: 'error', reason: `the target ended: ${report.died}` }),
  };
}

/** The outcome with how many sessions survived their DELETE. */
async function withSurvivors(
  context: TestContext,
  { finding = '', ...outcome }: TestOutcome,
): Promise<TestOutcome> {
  const seen = await withSessionLeaks(context, outcome, context.number('deletes'));
  const share = seen.metrics?.['leak.sessions_per_open']?.value ?? null;
  if (share === null) return { ...seen, finding };
  return { ...seen, finding: `${finding}, ${Math.round(share * 100)} % of sessions survive their DELETE` };
}

/** The outcome with the plain calls that the laboratory made besides the loads; those that had to be refused do not count. */
function withOwnCalls(outcome: TestOutcome, { answered, operationName }: SessionWire): TestOutcome {
  const plus = (metrics: Metrics = {}): Metrics => {
    const more = (name: string) => count((metrics[name]?.value ?? 0) + answered.calls);
    return { ...metrics, 'calls.total': more('calls.total'), 'calls.ok': more('calls.ok') };
  };
  const operation = outcome.operations?.[operationName];
  return {
    ...outcome,
    metrics: plus(outcome.metrics),
    operations: {
      ...outcome.operations,
      [operationName]: { ...operation, metrics: plus(operation?.metrics) },
    },
  };
}
