import { setTimeout as wait } from 'node:timers/promises';
import { judgeSerialization, median, type Serialization, type TimedCall } from '../../analysis/index.js';
import { messageOf } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import type { Metrics } from '../../core/run-result.js';
import type { McpConnection } from '../../protocol/index.js';
import { figure } from '../figure.js';
import { quickAndSlow, type KnownCall } from '../serialization/quick-and-slow.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';

/** Where the quick calls go while the slow one is under way. */
interface Side {
  /** Part of a sentence. */
  where: string;
  connection: McpConnection;
  quick: TimedCall[];
}

/** One round: the quick calls start at these shares of the slow call's usual time. */
const phases = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
/** Calls alone before the first round and between rounds. */
const aloneAtFirst = 12;
const aloneBetween = 3;
/** After so many failed calls there is nothing to be seen. */
const mostFaults = 20;

/** A slow call on one side, quick ones on another: do they wait for it. */
export const serialization: SuiteTest = {
  id: 'serialization',
  title: 'Does one slow call hold up the others',
  tags: ['concurrency'],
  explain:
    'Finds the slowest and the quickest of the tools that may be called, keeps the slow one busy, and makes quick calls ' +
    'meanwhile: on other connections, and over HTTP in the same session too (stdio: on the same pipe). Gives ' +
    'serialization.held, the share of the time that the slow call had left which a quick one was held for: near 1 where ' +
    'everything waits (a single thread), near 0 where nothing does. It is a finding, and fails only with a threshold on it. ' +
    'Needs a tool that takes at least 20 ms and five times the quickest; name one with --tool.',
  parameters: {
    rounds: { what: 'slow calls', smoke: 4, quick: 6, full: 20, min: 2, max: 10_000 },
    budget: {
      what: 'no further round is begun after this time, ms',
      smoke: 5000,
      quick: 4000,
      full: 120_000,
      min: 1,
      max: 86_400_000,
    },
    leastSlow: {
      what: 'time that a slow tool takes at least, ms',
      smoke: 20,
      quick: 20,
      full: 20,
      min: 1,
      max: 600_000,
    },
  },
  limitMs: (parameters) => 2 * Number(parameters['budget']) + 30_000,
  async run(context) {
    const first = await context.bench.connect();
    const found = await quickAndSlow(context, first, context.number('leastSlow'));
    if ('reason' in found) return { status: 'skipped', reason: found.reason };
    let gone: string | undefined;
    void first.closed.then(({ reason }) => (gone = reason));
    const sides = await sidesOf(context, first);
    const slow = await rounds(context, first, sides, found);
    const outcome = outcomeOf(sides, slow, found);
    // Nothing here closes it before the end of the test.
    const ended = gone as string | undefined;
    return ended === undefined
      ? outcome
      : { ...outcome, status: 'error', reason: `the target went away: ${ended}` };
  },
};

/** Over stdio every connection is a process of its own, so one pipe carries all; the stateless era has no sessions. */
async function sidesOf({ bench }: TestContext, first: McpConnection): Promise<Side[]> {
  if (first.transport === 'stdio') return [{ where: 'on the same pipe', connection: first, quick: [] }];
  const other = { where: 'on another connection', connection: await bench.connect(), quick: [] };
  if (first.sessionId === undefined) return [other];
  return [
    { ...other, where: 'in another session' },
    { where: 'in the same session', connection: first, quick: [] },
  ];
}

async function rounds(
  context: TestContext,
  first: McpConnection,
  sides: readonly Side[],
  { quick, slow }: { quick: KnownCall; slow: KnownCall },
): Promise<{ calls: TimedCall[]; faults: string[] }> {
  const began = performance.now();
  const calls: TimedCall[] = [];
  const faults: string[] = [];
  const timed = async (into: TimedCall[], call: KnownCall, connection: McpConnection) => {
    const start = performance.now();
    try {
      await call.make(connection, context.stop);
      into.push({ start, end: performance.now() });
    } catch (error) {
      faults.push(printableLine(messageOf(error), 200));
    }
  };
  const alone = async (times: number) => {
    for (const side of sides)
      for (let i = 0; i < times && !context.stop.aborted; i++)
        await timed(side.quick, quick, side.connection);
  };
  await alone(aloneAtFirst);
  for (let round = 0; round < context.number('rounds'); round++) {
    if (context.stop.aborted || faults.length > mostFaults) break;
    if (performance.now() - began > context.number('budget')) break;
    const start = performance.now();
    const underWay = [timed(calls, slow, first)];
    for (const phase of phases) {
      await wait(Math.max(0, start + phase * slow.usualMs - performance.now()));
      for (const side of sides) underWay.push(timed(side.quick, quick, side.connection));
    }
    await Promise.all(underWay);
    await alone(aloneBetween);
  }
  return { calls, faults };
}

function outcomeOf(
  sides: readonly Side[],
  { calls: slow, faults }: { calls: TimedCall[]; faults: string[] },
  { quick: quickCall, slow: slowCall }: { quick: KnownCall; slow: KnownCall },
): TestOutcome {
  const judged = sides.map((side) => ({ side, finding: judgeSerialization({ slow, quick: side.quick }) }));
  const [main] = judged;
  const quickCalls = sides.reduce((sum, side) => sum + side.quick.length, 0);
  const count = (value: number) => ({ value, unit: 'count' });
  const metrics: Metrics = {
    'calls.total': count(slow.length + quickCalls + faults.length),
    'calls.ok': count(slow.length + quickCalls),
    'calls.failed': count(faults.length),
    ...heldMetric(main!.finding),
  };
  const what = `slow: ${slowCall.name} (${figure(slowCall.usualMs)} ms), quick: ${quickCall.name} (${figure(quickCall.usualMs)} ms)`;
  return {
    metrics,
    operations: {
      [slowCall.name]: { metrics: { 'calls.total': count(slow.length), 'calls.ok': count(slow.length) } },
      [quickCall.name]: { metrics: { 'calls.total': count(quickCalls), 'calls.ok': count(quickCalls) } },
    },
    ...(main!.finding.kind === 'judged' ? { finding: uncapped(main!.finding.sentence) } : {}),
    notes: [
      `Tried with ${what}.`,
      ...(judged.length > 1 ? judged : []).flatMap(({ side, finding }) =>
        finding.kind === 'judged' ? [`Quick calls ${side.where}: ${uncapped(finding.sentence)}.`] : [],
      ),
      ...(faults.length > 0 ? [`${faults.length} calls failed and are left out (${faults[0]}).`] : []),
    ],
    notJudged: judged.flatMap(({ side, finding }) =>
      finding.kind === 'judged' ? [] : [`${finding.reason} (${side.where})`],
    ),
    details: {
      slow: {
        operation: slowCall.name,
        usual_ms: slowCall.usualMs,
        median_ms: slow.length > 0 ? median(slow.map((call) => call.end - call.start)) : null,
      },
      quick: { operation: quickCall.name, usual_ms: quickCall.usualMs },
      sides: judged.map(({ side, finding }) => ({ where: side.where, ...finding }) as unknown as JsonObject),
    },
  };
}

function heldMetric(finding: Serialization): Metrics {
  if (finding.kind !== 'judged') return {};
  return { 'serialization.held': { value: finding.held, unit: 'ratio', ci95: finding.ci95 } };
}

/** As part of another sentence. */
function uncapped(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '');
}
