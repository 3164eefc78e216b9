import { judgeGenerator } from '../../analysis/generator.js';
import type { GeneratorReport } from '../../core/run-result.js';
import type { LoadReport } from '../runner/load-report.js';
import { totalOf } from './load-metrics.js';

/** What the generator knows of itself, judged as METHODS says ("Generator honesty"). */
export function generatorReport(report: LoadReport): GeneratorReport {
  const busy = Math.max(0, ...report.threads.map((thread) => thread.busyMax));
  const lag = report.scheduleLag.histogram.quantile(0.99);
  const { limited, evidence } = judgeGenerator({
    busyShare: busy,
    scheduleLagP99Ms: lag,
    latencyP50Ms: totalOf(report).latency.histogram.quantile(0.5),
  });
  return {
    cpuPercent: report.cpuPercent,
    busyPercent: busy * 100,
    loopLagP99Ms: Math.max(0, ...report.threads.map((thread) => thread.loopLagP99Ms)),
    scheduleLagP99Ms: lag ?? 0,
    gcPauseMs: report.threads.reduce((sum, thread) => sum + thread.gcPauseMs, 0),
    gcPauseMaxMs: Math.max(0, ...report.threads.map((thread) => thread.gcPauseMaxMs)),
    limited,
    evidence,
  };
}
