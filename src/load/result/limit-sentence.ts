import { attributeLimit } from '../../analysis/generator.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { callsPerTurn, turnParallel } from '../../plan/turn-plan.js';
import { loadShape } from '../executors/index.js';
import type { LoadReport } from '../runner/load-report.js';
import { generatorReport } from './generator-report.js';
import { totalOf } from './load-metrics.js';

/** Calls that come within less than this are handed over at once: they have no rate that could be carried; ms. */
const leastWindowMs = 100;

/**
 * Which of generator, slots or target kept an open load from being carried, or that it was carried (METHODS, "Generator
 * honesty"); undefined for closed models, in which only the server sets the pace.
 *
 * @param targetCpuPercent of the target's processes, % of one core; null where it cannot be seen.
 */
export function limitSentence(
  plan: LoadPlan,
  report: LoadReport,
  targetCpuPercent: number | null,
): string | undefined {
  const shape = loadShape(plan.executor);
  const seconds = report.windowMs / 1000;
  if (shape.model !== 'open' || report.windowMs < leastWindowMs || report.offered === 0) return undefined;
  const all = totalOf(report);
  const achievedRate = (all.ok + all.failures) / (report.elapsedMs / 1000);
  const service = all.service.count > 0 ? all.service : all.latency;
  return attributeLimit({
    limited: generatorReport(report).limited,
    offeredRate: (report.offered * callsPerTurn(plan.turn)) / seconds,
    achievedRate,
    slots: shape.vus * turnParallel(plan.turn),
    // Little's law: calls in flight are their rate times their mean time.
    meanInFlight: (achievedRate * (service.meanMs ?? 0)) / 1000,
    targetCpuPercent,
    serviceTimeP50Ms: service.histogram.quantile(0.5),
  }).sentence;
}
