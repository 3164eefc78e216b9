import type { Metrics } from '../../core/run-result.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import type { LoadReport } from '../runner/load-report.js';

/** What became of calls that were to be refused; nothing where there were none. */
export function refusals(
  { operations }: LoadPlan,
  report: LoadReport,
): { metrics: Metrics; notes: string[] } {
  const expected = report.operations.filter((_, index) => operations[index]?.expect !== undefined);
  if (expected.length === 0) return { metrics: {}, notes: [] };
  const refused = expected.reduce((sum, { ok }) => sum + ok, 0);
  const accepted = expected.reduce((sum, { failed }) => sum + failed[outcomeIndex.mismatch - 1]!, 0);
  const notes = [
    `${refused} calls with invalid arguments were refused, as they should be; they count as ok.`,
  ];
  if (accepted > 0) {
    notes.push(
      `The server accepts invalid arguments: ${accepted} calls, under the failures with what was wrong with them.`,
    );
  }
  return {
    metrics: {
      'calls.refused': { value: refused, unit: 'count' },
      'calls.accepted_invalid': { value: accepted, unit: 'count' },
    },
    notes,
  };
}
