import { decidingExitCode, exitCodes, type ExitCode } from '../../core/exit-code.js';
import type { ComparisonReport, RunResult } from '../../core/run-result.js';

/** A run with its comparison, and what that changes of the verdict: 113 for a regression, 112 where nothing was decided. */
export function withComparison(
  run: RunResult,
  comparison: ComparisonReport,
  { allowInconclusive }: { allowInconclusive: boolean },
): RunResult {
  const code = codeOf(comparison, allowInconclusive);
  const exitCode = decidingExitCode([run.verdict.exitCode, code]);
  const status = statusOf(run.verdict.status, comparison);
  const known = run.verdict.status === 'fail' || run.verdict.status === 'error';
  const first = comparison.verdict === 'regression' && !known;
  const sentence = first
    ? `${comparison.sentence} ${run.verdict.sentence}`
    : `${run.verdict.sentence} ${comparison.sentence}`;
  return { ...run, comparison, verdict: { ...run.verdict, status, exitCode, sentence } };
}

function codeOf({ verdict }: ComparisonReport, allowInconclusive: boolean): ExitCode {
  if (verdict === 'regression') return exitCodes.regression;
  return verdict === 'inconclusive' && !allowInconclusive ? exitCodes.inconclusive : exitCodes.pass;
}

function statusOf(
  own: RunResult['verdict']['status'],
  { verdict }: ComparisonReport,
): RunResult['verdict']['status'] {
  if (own === 'error' || own === 'fail') return own;
  if (verdict === 'regression') return 'fail';
  return verdict === 'inconclusive' ? 'inconclusive' : own;
}
