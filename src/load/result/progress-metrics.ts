import type { Metric, Metrics } from '../../core/run-result.js';
import type { OperationProgressTotals, ProgressTotals } from '../progress/progress-totals.js';
import { timeMetrics } from './time-metrics.js';

const count = (value: number): Metric => ({ value, unit: 'count' });

/** The progress of a whole load; nothing where its calls carried no tokens. */
export function progressMetrics(progress: ProgressTotals | undefined): Metrics {
  if (progress === undefined) return {};
  return { ...operationProgressMetrics(progress.all), 'progress.unknown': count(progress.unknown) };
}

/** The progress of one operation. */
export function operationProgressMetrics(totals: OperationProgressTotals | undefined): Metrics {
  if (totals === undefined) return {};
  const { calls, notifications, gaps, gapsMs, outOfOrder, late, most, first } = totals;
  return {
    'progress.notifications': count(notifications),
    'progress.per_call': { value: calls === 0 ? null : notifications / calls, unit: 'count' },
    'progress.per_call.max': count(most),
    'progress.rate': { value: gapsMs <= 0 ? null : (gaps * 1000) / gapsMs, unit: 'ops/s' },
    'progress.out_of_order': count(outOfOrder),
    'progress.late': count(late),
    ...timeMetrics('progress.first', first),
  };
}

/** What a reader must know of it. */
export function progressNotes(progress: ProgressTotals | undefined): string[] {
  if (progress === undefined) return [];
  const { calls, reporting, outOfOrder, late } = progress.all;
  const notes: string[] = [];
  if (calls > 0 && reporting < calls)
    notes.push(`${calls - reporting} of ${calls} calls with a progress token were told no progress.`);
  if (outOfOrder > 0)
    notes.push(`${outOfOrder} progress notifications did not go up from the one before, which MCP demands.`);
  if (late > 0) notes.push(`${late} progress notifications came after the answer to their call.`);
  if (progress.unknown > 0)
    notes.push(`${progress.unknown} progress notifications belong to no call (unknown token, or no number).`);
  return notes;
}
