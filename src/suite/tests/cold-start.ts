import { messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import type { Metrics } from '../../core/run-result.js';
import { connectTarget, openTarget, type TargetSpec } from '../../target/index.js';
import type { ConnectOptions } from '../../protocol/index.js';
import { figure } from '../figure.js';
import { howItEnded, soonEnded, withLastWords } from '../target-end.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { timesAsMetrics } from '../time-summary.js';

/** One start: until the first answer, and how long the first call took after it, ms. */
interface Start {
  answerMs: number;
  callMs: number | undefined;
}

/** The target started again and again: how long until it answers. */
export const coldStart: SuiteTest = {
  id: 'cold-start',
  title: 'From start to first answer',
  tags: ['startup'],
  explain:
    'Starts the target anew, several times one after the other, and gives the time from the start of its process until it has ' +
    'answered the handshake (cold_start.*), and the time of the first call of a tool after that (first_call.*). Each instance ' +
    'is stopped before the next is started. A start that fails fails the test. A target given by its URL cannot be started ' +
    'by dyno, and is skipped.',
  parameters: {
    starts: { what: 'starts', smoke: 3, quick: 5, full: 20, min: 1, max: 10_000 },
    startTimeout: {
      what: 'time that one start may take, ms',
      smoke: 30_000,
      quick: 30_000,
      full: 60_000,
      min: 1,
      max: 3_600_000,
    },
    budget: {
      what: 'no further start is begun after this time, ms',
      smoke: 5000,
      quick: 4000,
      full: 300_000,
      min: 1,
      max: 86_400_000,
    },
  },
  limitMs: (parameters) => Number(parameters['budget']) + Number(parameters['startTimeout']),
  skip: (bench) =>
    bench.startable
      ? undefined
      : 'a target that is given by its URL is not started by dyno; give its start command (-- COMMAND) to time its start',
  async run(context) {
    const wanted = context.number('starts');
    const began = performance.now();
    const starts: Start[] = [];
    const faults: string[] = [];
    let died: string | undefined;
    for (let i = 0; i < wanted && died === undefined && !context.stop.aborted; i++) {
      if (i > 0 && performance.now() - began > context.number('budget')) break;
      try {
        const start = await startOnce(context);
        if ('died' in start) died = start.died;
        else starts.push(start);
      } catch (error) {
        // Read anew: it may have been aborted meanwhile.
        const { aborted } = context.stop;
        if (!aborted) faults.push(printableLine(messageOf(error), 300));
      }
    }
    return { ...outcomeOf(context, starts, faults), ...(died === undefined ? {} : { died }) };
  },
};

/** Starts it once. Where it ends after its first answer, it died; one that gives no answer has not started. */
async function startOnce(context: TestContext): Promise<Start | { died: string }> {
  const { bench, stop } = context;
  const startTimeoutMs = context.number('startTimeout');
  const began = performance.now();
  const target = await openTarget(bench.spec as TargetSpec, { startTimeoutMs });
  let answered = false;
  try {
    // The revision is known: trying out others would be part of the time otherwise.
    const protocol = bench.target.protocolVersion as Exclude<ConnectOptions['protocol'], undefined>;
    const connection = await connectTarget(target, { protocol, timeoutMs: startTimeoutMs, signal: stop });
    const answerMs = performance.now() - began;
    answered = true;
    const tool = context.operations.find((operation) => operation.tool !== undefined);
    let callMs: number | undefined;
    if (tool?.tool !== undefined) {
      const { arguments: args } = tool.params[0] ?? {};
      const called = performance.now();
      await connection.callTool(tool.tool, (args ?? {}) as Record<string, never>, { signal: stop });
      callMs = performance.now() - called;
    }
    await connection.close();
    return { answerMs, callMs };
  } catch (error) {
    const { child } = target;
    if (!answered || child === undefined || stop.aborted) throw error;
    await soonEnded(child);
    if (child.running) throw error;
    return { died: withLastWords(howItEnded(await child.exited), target.stderrTail()) };
  } finally {
    await target.stop();
  }
}

function outcomeOf(context: TestContext, starts: readonly Start[], faults: readonly string[]): TestOutcome {
  const wanted = context.number('starts');
  const answers = starts.map((start) => start.answerMs);
  const calls = starts.flatMap((start) => start.callMs ?? []);
  const tried = starts.length + faults.length;
  const count = (value: number) => ({ value, unit: 'count' });
  const metrics: Metrics = {
    ...timesAsMetrics('cold_start', answers),
    ...timesAsMetrics('first_call', calls),
    'calls.total': count(tried),
    'calls.ok': count(starts.length),
    'calls.failed': count(faults.length),
  };
  const tool = context.operations.find((operation) => operation.tool !== undefined);
  const p50 = metrics['cold_start.p50']?.value ?? 0;
  const spread =
    starts.length > 1 ? `, ${figure(Math.min(...answers))} to ${figure(Math.max(...answers))}` : '';
  return {
    metrics,
    operations: {
      [tool?.name ?? 'initialize']: {
        metrics: { 'calls.total': metrics['calls.total']!, ...timesAsMetrics('latency', calls) },
      },
    },
    finding: `${figure(p50)} ms from start to first answer (median of ${starts.length} starts${spread})`,
    notJudged:
      tried < wanted && faults.length === 0
        ? [
            `${wanted - tried} of ${wanted} starts: ${context.stop.aborted ? 'the run was stopped' : 'time was up'}`,
          ]
        : [],
    details: { starts_ms: answers, first_calls_ms: calls },
    ...(faults.length === 0
      ? {}
      : { status: 'fail', reason: `${faults.length} of ${tried} starts failed: ${faults[0]}` }),
  };
}
