import { exitCodes } from '../../core/exit-code.js';
import type { JsonObject } from '../../core/json.js';
import type { ComparisonReport, RunResult } from '../../core/run-result.js';
import { version } from '../../core/version.js';
import { runId } from '../result/run-id.js';

/** The RunResult of two stored runs: the second run's figures, and how they came out against the first's. */
export function storedResult(
  now: RunResult,
  comparison: ComparisonReport,
  context: { base: string; startedAt: Date; allowInconclusive: boolean; plan: JsonObject },
): RunResult {
  const { verdict, sentence } = comparison;
  const undecided = verdict === 'inconclusive';
  return {
    ...now,
    id: runId(context.startedAt),
    startedAt: context.startedAt.toISOString(),
    durationMs: Date.now() - context.startedAt.getTime(),
    tool: { name: 'mcp-dyno', version },
    plan: context.plan,
    verdict: {
      status: verdict === 'regression' ? 'fail' : undecided ? 'inconclusive' : 'pass',
      exitCode:
        verdict === 'regression'
          ? exitCodes.regression
          : undecided && !context.allowInconclusive
            ? exitCodes.inconclusive
            : exitCodes.pass,
      sentence,
      exercised: `nothing anew; the figures are of run ${now.id}: ${now.verdict.exercised}`,
    },
    warnings: now.warnings,
    comparison,
  };
}
