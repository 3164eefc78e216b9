import type { TestResult } from '../../core/run-result.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { loadShape } from '../executors/index.js';
import type { LoadReport } from '../runner/load-report.js';
import { generatorReport } from './generator-report.js';
import { loadHeatmap } from './load-heatmap.js';
import { loadMetrics, operationMetrics, totalOf } from './load-metrics.js';
import { loadNotes } from './load-notes.js';
import { refusals } from './refusals.js';
import { seriesColumns } from './load-series-columns.js';
import { turnDetails } from './turn-parts.js';
import { sessionMetrics } from './session-metrics.js';

/** The parts of a test result that one load fills. */
export type LoadParts = Pick<
  TestResult,
  | 'metrics'
  | 'failures'
  | 'operations'
  | 'series'
  | 'histograms'
  | 'samples'
  | 'notes'
  | 'generator'
  | 'notJudged'
  | 'heatmap'
  | 'details'
>;

/** What a load contributes to a RunResult. */
export function loadParts(plan: LoadPlan, report: LoadReport): LoadParts {
  const all = totalOf(report);
  const open = loadShape(plan.executor).model === 'open';
  const histograms: Record<string, string> = {};
  if (all.latency.count > 0) histograms['latency'] = all.latency.histogram.toBase64();
  if (all.service.count > 0) histograms['service_time'] = all.service.histogram.toBase64();
  if (open && report.queueWait.count > 0) histograms['queue_wait'] = report.queueWait.histogram.toBase64();
  for (const [index, totals] of report.operations.entries()) {
    if (report.operations.length > 1 && totals.latency.count > 0) {
      histograms[`latency{operation=${plan.operations[index]!.name}}`] = totals.latency.histogram.toBase64();
    }
  }
  if (report.turns !== undefined && report.turns.time.count > 0) {
    histograms['turn_time'] = report.turns.time.histogram.toBase64();
  }
  const details = turnDetails(plan, report);
  const expected = refusals(plan, report);
  const heatmap = loadHeatmap(report.series);
  const judged = plan.warmup.kind !== 'auto' || report.warmup.steady !== undefined;
  return {
    metrics: { ...loadMetrics(report), ...sessionMetrics(plan, report), ...expected.metrics },
    failures: report.failures,
    operations: Object.fromEntries(
      report.operations.map((totals, index) => [
        plan.operations[index]!.name,
        { metrics: operationMetrics(totals, report, index) },
      ]),
    ),
    series: seriesColumns(report.series, open),
    histograms,
    ...(heatmap === undefined ? {} : { heatmap }),
    ...(details === undefined ? {} : { details }),
    samples: report.samples,
    notes: [...loadNotes(plan, report), ...expected.notes],
    generator: generatorReport(report),
    notJudged: judged ? [] : ['warm-up: too few intervals for MSER-5'],
  };
}
