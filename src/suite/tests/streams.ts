import type { JsonObject } from '../../core/json.js';
import type { Metrics } from '../../core/run-result.js';
import { noStreamsOver, streamMetrics, streamNotes, type StreamReport } from '../../load/index.js';
import { figure } from '../figure.js';
import { countsOnly } from '../levels/counts-only.js';
import { raiseStreams, type RaisedStreams } from '../streams/raise-streams.js';
import { streamResources } from '../streams/stream-resources.js';
import type { LoadedPart, SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { joinedParts } from './joined-parts.js';

/** More than a slow server needs to open a stream, ms. */
const msPerStream = 50;

/** More and more event streams held at once: what each takes, what comes on them, and what they do to calls. */
export const streams: SuiteTest = {
  id: 'streams',
  title: 'Event streams held open',
  tags: ['stress', 'streams', 'memory'],
  explain:
    'Opens event streams in steps and holds them: GET, each with a session of its own, or subscriptions/listen in the stateless ' +
    'era; each subscribes to the first resources that the target lists. Gives how long a stream takes to open, the memory of ' +
    'the target for each (streams.bytes_per_stream, with an interval), the time to the first event, drops and what they have in ' +
    'common (an idle time-out with its time), lost and repeated events where they are numbered, and how late events come ' +
    'where they carry a time. The same light load runs before and while the streams are held: streams.latency_shift is how ' +
    'much its median moved. Fails where streams are cut, or events are lost, come twice or are no messages. Skipped over stdio ' +
    'and where the target has no streams.',
  parameters: {
    streams: { what: 'streams wanted', smoke: 50, quick: 500, full: 5000, min: 1, max: 1_000_000 },
    steps: { what: 'steps in which they are opened', smoke: 5, quick: 8, full: 10, min: 3, max: 100 },
    duration: {
      what: 'time of each of the two loads, ms; streams are held during the second',
      smoke: 500,
      quick: 2000,
      full: 15_000,
      min: 50,
      max: 86_400_000,
    },
    rate: { what: 'calls per second of both', smoke: 50, quick: 50, full: 50, min: 1, max: 100_000 },
    openTimeout: {
      what: 'time that a stream may take to open, ms',
      smoke: 10_000,
      quick: 10_000,
      full: 30_000,
      min: 1,
      max: 600_000,
    },
  },
  onlyNamed: ['smoke', 'quick'],
  skip: ({ loadTarget }) => noStreamsOver(loadTarget),
  needs: (parameters) => {
    const count = Number(parameters['streams']);
    return { fds: count + 64, ports: count + 64 };
  },
  limitMs: (parameters) =>
    2 * Number(parameters['duration']) +
    Number(parameters['streams']) * msPerStream +
    Number(parameters['openTimeout']) +
    30_000,
  async run(context) {
    const before = await callsDuring(context, 'no streams');
    if (context.stop.aborted) return joinedParts([before]);
    const raised = await raiseStreams(context.bench, {
      wanted: context.number('streams'),
      steps: context.number('steps'),
      openTimeoutMs: context.number('openTimeout'),
      resources: await streamResources(context.bench, undefined),
      stop: context.stop,
    });
    if ('none' in raised) return { status: 'skipped', reason: raised.none };
    try {
      const held = figure(raised.report.held);
      const during = context.stop.aborted ? undefined : await callsDuring(context, `${held} streams`);
      const report = (await raised.close()) ?? raised.report;
      return outcomeOf({ context, before, during, raised, report });
    } finally {
      await raised.close();
    }
  },
};

async function callsDuring(context: TestContext, phase: string): Promise<LoadedPart> {
  return await context.load(
    {
      executor: {
        kind: 'constant-arrival-rate',
        rate: context.number('rate'),
        durationMs: context.number('duration'),
        vus: 4,
        arrivals: 'constant',
        maxWaiting: 10_000,
      },
    },
    phase,
  );
}

interface Seen {
  context: TestContext;
  before: LoadedPart;
  during: LoadedPart | undefined;
  raised: RaisedStreams;
  report: StreamReport;
}

function outcomeOf({ context, before, during, raised, report }: Seen): TestOutcome {
  const joined = joinedParts(during === undefined ? [before] : [before, during]);
  const { memory } = raised;
  const shift = shiftOf(before, during);
  const metrics: Metrics = {
    ...countsOnly(joined.metrics),
    ...streamMetrics(report),
    'streams.bytes_per_stream': memory ?? { value: null, unit: 'B' },
    'streams.latency_shift': { value: shift, unit: 'ms' },
  };
  const notJudged = [
    ...(memory === undefined ? [`memory of a stream: ${raised.unseen}`] : []),
    ...(report.events === 0
      ? ['time to the first event, lost events: no event came while the streams were held']
      : []),
    ...(shift === null ? ['what streams do to calls: too few calls were answered'] : []),
  ];
  const fault = faultOf(report);
  const all = report.opened >= report.wanted;
  return {
    ...joined,
    metrics,
    details: { streams: [rowOf('none', before), ...(during === undefined ? [] : [rowOf('held', during)])] },
    finding: `${figure(report.heldMost)} streams held at once${all ? '' : ` (${report.limit ?? 'the run was stopped'})`}`,
    notes: [...new Set([...(joined.notes ?? []), ...streamNotes(report)])],
    notJudged,
    ...(all ? {} : { lowerBounds: { 'streams.opened': report.limit ?? 'the run was stopped' } }),
    ...(fault === undefined || context.stop.aborted ? {} : fault),
  };
}

/** What fails the test whatever the thresholds say; a stream that the server ends in an orderly way is no fault. */
function faultOf(report: StreamReport): Pick<TestOutcome, 'status' | 'reason'> | undefined {
  if (report.opened === 0) {
    return { status: 'error', reason: `not one stream could be opened: ${report.refusals[0]?.why ?? ''}` };
  }
  const cut = report.drops.filter(({ kind }) => kind !== 'ended');
  const faults = [
    ...cut.map(({ count, why }) => `${count} streams were cut (${why})`),
    ...(report.gaps > 0 ? [`${report.gaps} events were lost`] : []),
    ...(report.duplicates > 0 ? [`${report.duplicates} events came twice`] : []),
    ...(report.malformed > 0 ? [`${report.malformed} events were no JSON-RPC messages`] : []),
  ];
  return faults.length === 0 ? undefined : { status: 'fail', reason: faults.join('; ') };
}

function p50Of(part: LoadedPart | undefined): number | null {
  return part?.parts.metrics['latency.p50']?.value ?? null;
}

function shiftOf(before: LoadedPart, during: LoadedPart | undefined): number | null {
  const [clean, held] = [p50Of(before), p50Of(during)];
  return clean === null || held === null ? null : held - clean;
}

function rowOf(streams: string, part: LoadedPart): JsonObject {
  const value = (key: string) => part.parts.metrics[key]?.value ?? null;
  return {
    streams,
    p50: value('latency.p50'),
    p99: value('latency.p99'),
    success_rate: value('success_rate'),
  };
}
