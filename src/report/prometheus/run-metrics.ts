import type { Metrics, RunResult } from '../../core/index.js';
import { hostOf } from '../facts.js';
import { prometheusText } from './text.js';
import type { ExportedMetric, SeriesLabels, ValuePoint } from './metric.js';

/** Units of the RunResult as UCUM writes them. */
const ucum: Readonly<Record<string, string>> = {
  ms: 'ms',
  MB: 'MBy',
  B: 'By',
  '%': '%',
  'ops/s': '{call}/s',
};

/**
 * A run as metrics: every value as `dyno.` and its name in the RunResult (`dyno.latency.p95`, in ms), by test and
 * operation; each threshold as kept (1) or not (0); the verdict. What has no value is left out.
 */
export function runMetrics(run: RunResult): ExportedMetric[] {
  const gauges = new Map<string, { unit: string; points: ValuePoint[] }>();
  const take = (labels: SeriesLabels, metrics: Metrics) => {
    for (const [name, { value, unit }] of Object.entries(metrics)) {
      if (value === null) continue;
      const gauge = gauges.get(name) ?? { unit, points: [] };
      gauges.set(name, gauge);
      gauge.points.push({ labels, value });
    }
  };
  for (const test of run.tests) {
    take({ test: test.id }, test.metrics);
    for (const [operation, { metrics }] of Object.entries(test.operations)) {
      take({ test: test.id, operation }, metrics);
    }
  }
  const thresholds = run.tests.flatMap((test) =>
    test.thresholds.map(({ name, metric, status }) => ({
      labels: { test: test.id, threshold: name, metric, status },
      value: status === 'pass' ? 1 : 0,
    })),
  );
  return [
    gauge('dyno.run.info', 'The run that the other lines are of.', '', [
      {
        labels: {
          run: run.id,
          server: hostOf(run),
          verdict: run.verdict.status,
          tool_version: run.tool.version,
          ...(run.environment.git ? { commit: run.environment.git.commit } : {}),
        },
        value: 1,
      },
    ]),
    gauge('dyno.run.exit_code', 'What dyno ended with; 0 is a pass.', '', [
      { labels: {}, value: run.verdict.exitCode },
    ]),
    gauge('dyno.run.duration', 'How long the run took.', 's', [{ labels: {}, value: run.durationMs / 1000 }]),
    gauge(
      'dyno.threshold.kept',
      '1 where a threshold held, 0 where it did not or is undecided.',
      '',
      thresholds,
    ),
    ...[...gauges].map(([name, { unit, points }]) =>
      gauge(`dyno.${name}`, `${name} of a test or of one operation of it.`, ucum[unit] ?? '1', points),
    ),
  ];
}

/** {@link runMetrics} in Prometheus's text format. */
export function runPrometheus(run: RunResult): string {
  return prometheusText(runMetrics(run));
}

function gauge(name: string, help: string, unit: string, points: readonly ValuePoint[]): ExportedMetric {
  return { name, help, unit, kind: 'gauge', points };
}
