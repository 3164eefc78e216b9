import type { SuiteTest } from '../suite-test.js';

/** Calls one after another on one connection: how fast is an answer when nothing else goes on. */
export const singleToolLatency: SuiteTest = {
  id: 'single-tool-latency',
  title: 'Latency of one call at a time',
  tags: ['performance', 'load'],
  originalName: 'test_single_tool_execution_latency',
  explain:
    'Warms up, then makes calls one after another on one connection and gives their latency (mean, percentiles with ' +
    'intervals), time to first byte, connect and handshake times. Decides PERF_AVG_LATENCY_MS, PERF_P95_LATENCY_MS and ' +
    'PERF_P99_LATENCY_MS.',
  parameters: {
    calls: { what: 'calls that count', smoke: 100, quick: 400, full: 4000, min: 1, max: 10_000_000 },
    warmup: { what: 'warm-up, ms', smoke: 100, quick: 300, full: 1000, min: 0, max: 600_000 },
    maxDuration: {
      what: 'time limit, ms',
      smoke: 4000,
      quick: 12_000,
      full: 120_000,
      min: 1,
      max: 86_400_000,
    },
  },
  limitMs: (parameters) => Number(parameters['maxDuration']) + Number(parameters['warmup']),
  async run(context) {
    const warmup = context.number('warmup');
    const { report, parts } = await context.load({
      executor: {
        kind: 'shared-iterations',
        vus: 1,
        iterations: context.number('calls'),
        maxDurationMs: context.number('maxDuration'),
      },
      warmup: warmup > 0 ? { kind: 'time', ms: warmup } : { kind: 'none' },
    });
    const made = report.sent;
    const asked = context.number('calls');
    const notes = made < asked ? [`${made} of ${asked} calls were made within the time limit.`] : [];
    return { ...parts, notes: [...parts.notes, ...notes] };
  },
};
