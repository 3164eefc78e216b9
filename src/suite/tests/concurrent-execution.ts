import { connectionsNeeded } from '../connections-needed.js';
import type { Metrics } from '../../core/run-result.js';
import type { LoadedPart, SuiteTest, TestOutcome } from '../suite-test.js';
import { joinedParts } from './joined-parts.js';

/** The same call with more and more in flight. */
export const concurrentExecution: SuiteTest = {
  id: 'concurrent-execution',
  title: 'Calls at once, level by level',
  tags: ['performance', 'load'],
  originalName: 'test_concurrent_tool_execution',
  explain:
    'Holds 1, 5, 10, 20, 50 and 100 calls in flight, one level after the other, and gives throughput, latency and success ' +
    'of each as at_N.*. Decides PERF_MIN_SUCCESS_RATE at 5, 20 and 100, and itself that success is above 0.9 at 1, above ' +
    '0.8 at 10 and above 0.7 at 50.',
  parameters: {
    levels: {
      what: 'calls in flight, level by level',
      smoke: [1, 10, 50],
      quick: [1, 5, 10, 20, 50, 100],
      full: [1, 5, 10, 20, 50, 100],
      min: 1,
      max: 10_000,
    },
    duration: {
      what: 'time of each level, ms',
      smoke: 300,
      quick: 1000,
      full: 5000,
      min: 1,
      max: 86_400_000,
    },
    warmup: { what: 'warm-up of each level, ms', smoke: 50, quick: 100, full: 500, min: 0, max: 600_000 },
  },
  needs: (parameters, bench) => connectionsNeeded(Math.max(...(parameters['levels'] as number[])), bench),
  limitMs: (parameters) => {
    const levels = parameters['levels'] as number[];
    return levels.length * (Number(parameters['duration']) + Number(parameters['warmup']) + 1000);
  },
  async run(context) {
    const levels: { level: number; part: LoadedPart }[] = [];
    const durationMs = context.number('duration');
    const warmup = context.number('warmup');
    for (const level of context.list('levels')) {
      if (context.stop.aborted) break;
      const part = await context.load(
        {
          executor: { kind: 'constant-vus', vus: level, durationMs },
          warmup: warmup > 0 ? { kind: 'time', ms: warmup } : { kind: 'none' },
        },
        `${level} in flight`,
      );
      levels.push({ level, part });
      if (part.report.died !== undefined) break;
    }
    return outcomeOf(levels);
  },
};

/** Success below which a level fails whatever the thresholds say: the suite's own marks. */
const marks = new Map([
  [1, 0.9],
  [10, 0.8],
  [50, 0.7],
]);

function outcomeOf(levels: { level: number; part: LoadedPart }[]): TestOutcome {
  const joined = joinedParts(levels.map(({ part }) => part));
  const metrics: Metrics = { ...joined.metrics };
  const faults: string[] = [];
  for (const { level, part } of levels) {
    for (const name of [
      'throughput',
      'success_rate',
      'latency.mean',
      'latency.p50',
      'latency.p95',
      'latency.p99',
    ]) {
      const metric = part.parts.metrics[name];
      if (metric !== undefined) metrics[`at_${level}.${name}`] = metric;
    }
    const success = part.parts.metrics['success_rate']?.value ?? 0;
    const mark = marks.get(level);
    if (mark !== undefined && success <= mark) {
      faults.push(
        `success ${(success * 100).toFixed(1)} % with ${level} in flight, more than ${mark * 100} % expected`,
      );
    }
  }
  return {
    ...joined,
    metrics,
    ...(faults.length > 0 ? { status: 'fail', reason: faults.join('; ') } : {}),
    details: {
      levels: levels.map(({ level, part: { parts } }) => ({
        in_flight: level,
        throughput: parts.metrics['throughput']?.value ?? null,
        success_rate: parts.metrics['success_rate']?.value ?? null,
        p50: parts.metrics['latency.p50']?.value ?? null,
        p99: parts.metrics['latency.p99']?.value ?? null,
      })),
    },
  };
}
