import { connectionsNeeded } from '../connections-needed.js';
import type { SuiteTest } from '../suite-test.js';

/** Ten in flight for a while: what does it carry, and does it stay that way. */
export const throughputUnderLoad: SuiteTest = {
  id: 'throughput-under-load',
  title: 'Throughput with ten in flight',
  tags: ['performance', 'load', 'slow'],
  originalName: 'test_throughput_under_load',
  explain:
    'Holds ten calls in flight for the whole time and gives throughput, success and latency over time, without the ' +
    'warm-up that MSER-5 finds. Decides PERF_MIN_THROUGHPUT and PERF_MIN_SUCCESS_RATE.',
  parameters: {
    inFlight: { what: 'calls in flight', smoke: 10, quick: 10, full: 10, min: 1, max: 10_000 },
    duration: { what: 'time, ms', smoke: 1000, quick: 8000, full: 60_000, min: 1, max: 86_400_000 },
  },
  needs: (parameters, bench) => connectionsNeeded(Number(parameters['inFlight']), bench),
  limitMs: (parameters) => Number(parameters['duration']),
  async run(context) {
    const { parts } = await context.load({
      executor: {
        kind: 'constant-vus',
        vus: context.number('inFlight'),
        durationMs: context.number('duration'),
      },
      warmup: { kind: 'auto' },
    });
    return parts;
  },
};
