import { judgeDrift, judgeStability } from '../../analysis/index.js';
import { connectionsNeeded } from '../connections-needed.js';
import type { Metrics } from '../../core/run-result.js';
import { findLeaks } from '../leaks/find-leaks.js';
import { withLeaks } from '../leaks/leak-outcome.js';
import type { SuiteTest, TestOutcome } from '../suite-test.js';
import { TargetWatch, type WatchedSample } from '../target-watch.js';

/** Twenty in flight for long: does everything stay as it is. */
export const sustainedStability: SuiteTest = {
  id: 'sustained-stability',
  title: 'Twenty in flight, for long',
  tags: ['stress', 'slow', 'memory'],
  originalName: 'test_sustained_load_stability',
  explain:
    'Holds twenty calls in flight for the whole time and gives throughput, success, how steady the memory of the target is ' +
    'after its warm-up (target.rss.stdev), whether memory or descriptors leak (full profile), and whether latency drifts while ' +
    'the load stays the same. Decides PERF_MIN_SUSTAINED_THROUGHPUT, PERF_MIN_SUSTAINED_SUCCESS_RATE and ' +
    'PERF_MAX_MEMORY_VARIANCE_MB; fails by itself where something leaks.',
  parameters: {
    inFlight: { what: 'calls in flight', smoke: 20, quick: 20, full: 20, min: 1, max: 10_000 },
    duration: { what: 'time, ms', smoke: 1000, quick: 10_000, full: 300_000, min: 1, max: 86_400_000 },
    bytesPerCall: {
      what: 'growth of memory that is accepted, bytes per call',
      smoke: 100,
      quick: 100,
      full: 100,
      min: 0,
      max: 1e9,
    },
  },
  needs: (parameters, bench) => connectionsNeeded(Number(parameters['inFlight']), bench),
  limitMs: (parameters) => Number(parameters['duration']),
  async run(context) {
    const durationMs = context.number('duration');
    const intervalMs = Math.min(250, Math.max(25, durationMs / 80));
    const watch = new TargetWatch({ intervalMs });
    try {
      const executor = { kind: 'constant-vus', vus: context.number('inFlight'), durationMs } as const;
      const { parts, report } = await context.load({ executor }, '', { watch });
      const outcome = steady(parts, watch.samples());
      if (context.profile !== 'full' || report.died !== undefined) return outcome;
      return withLeaks(outcome, findLeaks({ load: watch.samples() }, context.number('bytesPerCall')));
    } finally {
      await watch.stop();
    }
  },
};

/** An outcome with how steady memory was, and whether latency drifted. */
function steady(outcome: TestOutcome, samples: readonly WatchedSample[]): TestOutcome {
  const metrics: Metrics = { ...outcome.metrics };
  const notes = [...(outcome.notes ?? [])];
  const notJudged = [...(outcome.notJudged ?? [])];
  if (samples.length > 0) {
    const memory = judgeStability(samples.map(({ rssBytes }) => rssBytes / 1e6));
    if (memory.kind === 'judged') {
      metrics['target.rss.stdev'] = { value: memory.standardDeviation, unit: 'MB' };
    } else notJudged.push(memory.reason);
  }
  const series: TestOutcome['series'] = outcome.series ?? { t: [] };
  const drift = judgeDrift(series.t, series['latency.p50'] ?? []);
  if (drift.kind === 'not judged') notJudged.push(drift.reason);
  else {
    metrics['latency.drift'] = { value: 100 * drift.total, unit: '%' };
    notes.push(drift.sentence);
  }
  return { ...outcome, metrics, notes, notJudged };
}
