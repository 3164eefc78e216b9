import type { LoadTarget } from '../../load/index.js';
import type { Metrics } from '../../core/run-result.js';
import { askingCalls, type AskingCall } from '../asking/asking-calls.js';
import { everyCapability, StandIn } from '../asking/stand-in.js';
import { make, together, type Together } from '../asking/together.js';
import type { Bench } from '../bench.js';
import { figure } from '../figure.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { timesAsMetrics } from '../time-summary.js';
import { joinedParts } from './joined-parts.js';

/** Connections that the calls are spread over; over stdio each is a process. */
const connections = 2;
/** Calls at once whose questions are refused. */
const refusedAtOnce = 4;

/** Tools that ask their client back: under concurrency, refused, and under load. */
export const serverRequests: SuiteTest = {
  id: 'server-requests',
  title: 'Tools that ask their client something back',
  tags: ['concurrency'],
  explain:
    'Finds the tools that ask their client back (sampling, elicitation, roots; over rounds in the stateless era) among those ' +
    'that may be called, and calls them at once over two connections, each answer with a mark of its own: every call must be ' +
    'answered (asking.hung, asking.failed), and no call may show an answer that was meant for another (asking.mixed; asking.verified ' +
    'are those that show their own). Then everything asked is refused: no call may stay without an answer (asking.refused_hung). ' +
    'Last, the same tools under load, answered as the config says (serverRequests), else with stand-ins: server_requests.*, ' +
    'answer_time.*, client_wait.*, server_time.*, rounds.*. Skipped where no tool asks; some servers only list such tools to ' +
    'clients that can answer: give serverRequests in the config, and name them with --tool or --allow.',
  parameters: {
    inFlight: { what: 'calls at once', smoke: 8, quick: 16, full: 64, min: 2, max: 10_000 },
    rounds: { what: 'rounds of calls at once', smoke: 2, quick: 4, full: 10, min: 1, max: 10_000 },
    patience: {
      what: 'time within which a call must be answered, ms',
      smoke: 5000,
      quick: 5000,
      full: 10_000,
      min: 100,
      max: 600_000,
    },
    duration: {
      what: 'time under load, ms',
      smoke: 500,
      quick: 2000,
      full: 10_000,
      min: 50,
      max: 86_400_000,
    },
  },
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) =>
    60_000 +
    (Number(parameters['rounds']) + 1) * Number(parameters['patience']) +
    Number(parameters['duration']),
  skip: (bench) => (bench.target.tools === 0 ? 'the target has no tools' : undefined),
  async run(context) {
    const client = new StandIn();
    const connection = await context.bench.connect(asking(client));
    const calls = await askingCalls(context, connection, client);
    if (calls.length === 0) return { status: 'skipped', reason: nobodyAsks(context) };
    const clients = [{ connection, client }];
    while (clients.length < connections) {
      const another = new StandIn();
      clients.push({ connection: await context.bench.connect(asking(another)), client: another });
    }
    const timeoutMs = context.number('patience');
    const found = await together(calls, clients, {
      inFlight: context.number('inFlight'),
      rounds: context.number('rounds'),
      timeoutMs,
      stop: context.stop,
    });
    const refused = context.stop.aborted ? undefined : await refusals(context, calls, timeoutMs);
    for (const each of clients) await each.connection.close();
    return await underLoad(context, { calls, found, refused, client });
  },
};

function asking(client: StandIn) {
  return { onRequest: client.answer, capabilities: everyCapability };
}

function nobodyAsks({ operations, failed = [] }: TestContext): string {
  const tried = operations.filter(({ tool }) => tool !== undefined).length + failed.length;
  return (
    `none of the ${tried} tools that may be called asks its client anything; one that does, and is not marked read-only, ` +
    'takes part where --tool or --allow names it'
  );
}

interface Refusals {
  calls: number;
  hung: number;
  times: number[];
}

/** In the stateless era a client refuses by not offering: the server must say what it lacks. */
async function refusals(
  context: TestContext,
  calls: readonly AskingCall[],
  timeoutMs: number,
): Promise<Refusals> {
  const client = new StandIn();
  const stateless = context.bench.target.era === 'stateless';
  const connection = await context.bench.connect(
    stateless ? { onRequest: client.refuse } : { onRequest: client.refuse, capabilities: everyCapability },
  );
  const made = await Promise.all(
    Array.from({ length: Math.max(refusedAtOnce, calls.length) }, (_, index) =>
      make(calls[index % calls.length]!, connection, client, timeoutMs),
    ),
  );
  await connection.close();
  const hung = made.filter(({ failure }) => failure?.hung === true).length;
  return {
    calls: made.length,
    hung,
    times: made.filter(({ failure }) => failure?.hung !== true).map(({ ms }) => ms),
  };
}

interface Findings {
  calls: readonly AskingCall[];
  found: Together;
  refused: Refusals | undefined;
  client: StandIn;
}

async function underLoad(context: TestContext, findings: Findings): Promise<TestOutcome> {
  const { calls, found, refused, client } = findings;
  const faults = faultsOf(found, refused);
  const metrics: Metrics = {
    'asking.tools': count(calls.length),
    'asking.calls': count(found.calls),
    'asking.verified': count(found.verified),
    'asking.mixed': count(found.mixed),
    'asking.hung': count(found.hung),
    'asking.failed': count(found.failed),
    'asking.refused_hung': refused === undefined ? { value: null, unit: 'count' } : count(refused.hung),
    ...timesAsMetrics('asking.time', found.times),
    ...timesAsMetrics('asking.refused_time', refused?.times ?? []),
  };
  const load = context.stop.aborted
    ? undefined
    : await context.load(
        {
          operations: calls.map(({ operation }) => operation),
          executor: {
            kind: 'constant-vus',
            vus: context.number('inFlight'),
            durationMs: context.number('duration'),
          },
        },
        'asked under load',
        { bench: answering(context.bench, client) },
      );
  const joined = joinedParts(load === undefined ? [] : [load]);
  const unverified = found.calls - found.verified - found.mixed - found.hung - found.failed;
  const measured = load?.parts.metrics ?? {};
  const waiting = (measured['server_requests.received']?.value ?? 0) === 0;
  if (load !== undefined && waiting) faults.push('under load no tool asked anything, though each did before');
  return {
    ...joined,
    metrics: { ...joined.metrics, ...measured, ...metrics },
    ...(faults.length > 0 ? { status: 'fail', reason: faults.join('; ') } : {}),
    finding: findingOf(calls, found),
    notJudged: [
      ...(joined.notJudged ?? []),
      ...(unverified > 0
        ? [
            `${unverified} of ${found.calls} calls do not show the answer that they had: whose it was cannot be told`,
          ]
        : []),
    ],
    details: {
      tools: calls.map(({ tool, methods, carries }) => ({
        tool,
        asks: methods.join(', '),
        carries: carries ?? null,
      })),
    },
  };
}

function faultsOf(found: Together, refused: Refusals | undefined): string[] {
  const faults: string[] = [];
  if (found.mixed > 0)
    faults.push(`${found.mixed} of ${found.calls} calls show an answer that was meant for another call`);
  if (found.hung > 0)
    faults.push(`${found.hung} of ${found.calls} calls that asked were not answered in time`);
  if (found.failed > 0)
    faults.push(`${found.failed} of ${found.calls} calls that asked failed (${found.failure ?? ''})`);
  if (refused !== undefined && refused.hung > 0)
    faults.push(`${refused.hung} of ${refused.calls} calls had no answer after what they asked was refused`);
  return faults;
}

function findingOf(calls: readonly AskingCall[], found: Together): string {
  const methods = [...new Set(calls.flatMap(({ methods: asked }) => asked))].join(', ');
  const mean = found.times.reduce((sum, ms) => sum + ms, 0) / Math.max(1, found.times.length);
  return (
    `${calls.length === 1 ? '1 tool asks its' : `${calls.length} tools ask their`} client (${methods}), ${found.verified} of ${found.calls} calls at once show their own ` +
    `answer, in ${figure(mean)} ms on average`
  );
}

/** A bench whose loads are answered: by the user's script, else with what the tools took before. */
function answering(bench: Bench, client: StandIn): Bench {
  const answers: NonNullable<LoadTarget['answers']> = {};
  for (const [method, result] of client.latest) answers[method] = [{ delayMs: 0, result }];
  return {
    spec: bench.spec,
    target: bench.target,
    tools: bench.tools,
    startable: bench.startable,
    loadTarget: { ...bench.loadTarget, answers: { ...answers, ...bench.loadTarget.answers } },
    runner: bench.runner,
    gone: bench.gone,
    stops: bench.stops,
    deaths: bench.deaths,
    ended: () => bench.ended(),
    resources: (pids) => bench.resources(pids),
    lastWords: () => bench.lastWords(),
    connect: (options) => bench.connect(options),
    fresh: () => bench.fresh(),
  };
}

const count = (value: number) => ({ value, unit: 'count' }) as const;
