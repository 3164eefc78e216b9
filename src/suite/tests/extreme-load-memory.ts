import { formatCount } from '../../core/units.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { resourcesHidden } from '../resources/resources-hidden.js';
import { WatchedLoads } from '../resources/watched-loads.js';

/** All calls are due within this time, ms: at once, but for the timer's grain. */
const burstMs = 10;

/** Thousands of calls at once: what does the target hold, and when has it answered. */
export const extremeLoadMemory: SuiteTest = {
  id: 'extreme-load-memory',
  title: 'Memory with thousands of calls at once',
  tags: ['stress', 'memory'],
  originalName: 'test_memory_under_extreme_load',
  explain:
    'Hands all calls over at once, over as many connections as allowed (one pipe over stdio), and waits until all are answered ' +
    "or the drain time is over. Shows the memory and CPU of the target's processes with those of the generator beside it, the " +
    'success rate, latency from the moment all were handed over, and the time to drain. Decides ' +
    'PERF_MAX_EXTREME_LOAD_MEMORY_MB and PERF_MIN_EXTREME_LOAD_SUCCESS_RATE.',
  parameters: {
    calls: { what: 'calls, all at once', smoke: 500, quick: 10_000, full: 10_000, min: 1, max: 1_000_000 },
    connections: {
      what: 'connections at most (HTTP)',
      smoke: 100,
      quick: 1000,
      full: 1000,
      min: 1,
      max: 20_000,
    },
    drain: {
      what: 'time for all answers, ms',
      smoke: 5000,
      quick: 20_000,
      full: 120_000,
      min: 1,
      max: 3_600_000,
    },
    idleAfter: { what: 'idle time after, ms', smoke: 100, quick: 500, full: 5000, min: 0, max: 3_600_000 },
  },
  // Twice the drain: opening a thousand connections is no part of it.
  limitMs: (parameters) => 2 * Number(parameters['drain']) + Number(parameters['idleAfter']),
  needs: (parameters, bench) => {
    if (bench.loadTarget.kind === 'stdio') return { memoryMb: 300 };
    const connections = connectionsOf(parameters['calls'], parameters['connections']);
    return { memoryMb: 300, fds: connections, ports: connections };
  },
  skip: resourcesHidden,
  run: burst,
};

function connectionsOf(calls: unknown, connections: unknown): number {
  return Math.min(Number(calls), Number(connections));
}

async function burst(context: TestContext): Promise<TestOutcome> {
  const loads = new WatchedLoads(context, { intervalMs: 50, detailEveryMs: 1000 });
  const calls = context.number('calls');
  const piped = context.bench.loadTarget.kind === 'stdio';
  const vus = piped ? calls : connectionsOf(calls, context.number('connections'));
  const drainMs = context.number('drain');
  await loads.load(
    {
      executor: {
        kind: 'constant-arrival-rate',
        rate: (calls * 1000) / burstMs,
        durationMs: burstMs,
        vus,
        arrivals: 'constant',
        maxWaiting: calls,
      },
      gracefulStopMs: drainMs,
      timeoutMs: drainMs,
    },
    `${calls} calls at once`,
  );
  await loads.idle(context.number('idleAfter'), 'idle after');
  const { metrics = {}, ...outcome } = await loads.end();
  const { report } = loads.parts[0]!;
  const lost = (metrics['calls.failed']?.value ?? 0) + report.dropped;
  const seconds = report.elapsedMs / 1000;
  return {
    ...outcome,
    metrics: {
      ...metrics,
      // The burst's own window is a moment: what counts is the time until the last answer.
      throughput: { value: seconds > 0 ? (metrics['calls.ok']?.value ?? 0) / seconds : null, unit: 'ops/s' },
      drain_time: { value: lost === 0 ? report.elapsedMs : null, unit: 'ms' },
      ...generatorUse(metrics),
    },
    notes: [
      ...(outcome.notes ?? []),
      piped
        ? `${formatCount(calls)} calls over one pipe.`
        : `${formatCount(calls)} calls over ${formatCount(vus)} connections: ${formatCount(calls - vus)} waited for a free one.`,
    ],
    ...(lost === 0
      ? {}
      : { notJudged: [...(outcome.notJudged ?? []), `drain time: ${lost} calls were not answered well`] }),
  };
}

function generatorUse(metrics: NonNullable<TestOutcome['metrics']>): NonNullable<TestOutcome['metrics']> {
  const start = metrics['generator.rss.start']?.value;
  const max = metrics['generator.rss.max']?.value;
  if (start == null || max == null) return {};
  return { 'generator.rss.increase': { value: max - start, unit: 'MB' } };
}
