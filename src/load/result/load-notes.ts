import type { LoadPlan } from '../../plan/load-plan.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import type { LoadReport } from '../runner/load-report.js';
import { loadShape } from '../executors/index.js';
import { askNotes } from './ask-metrics.js';
import { progressNotes } from './progress-metrics.js';
import { streamNotes } from './stream-metrics.js';
import { totalOf } from './load-metrics.js';
import { turnNotes } from './turn-parts.js';
import { formatDuration } from '../../core/units.js';

/** What a reader must know to read the numbers of a load rightly, a sentence each. */
export function loadNotes(plan: LoadPlan, report: LoadReport): string[] {
  const notes: string[] = [];
  const all = totalOf(report);
  if (loadShape(plan.executor).model === 'closed') {
    notes.push(
      'Closed model: every connection waits for its answer before it calls again, so calls that would have come ' +
        'while the server stood still were never made, and their waiting is not in these latencies (use --rate for that).',
    );
  }
  notes.push(...turnNotes(plan, report));
  const timeouts = all.failed[outcomeIndex.timeout - 1] ?? 0;
  if (timeouts > 0) {
    notes.push(
      `${timeouts} calls had no answer in time; percentiles are of answered calls, so the truth is worse.`,
    );
  }
  if (report.dropped > 0) {
    notes.push(
      `${report.dropped} calls were due but never sent: more than ${waitingLimit(plan)} were waiting, or time was up.`,
    );
  }
  if (report.warmup.ms > 0) {
    const failed = report.warmup.failed > 0 ? `, ${report.warmup.failed} of them failed` : '';
    notes.push(
      `Warm-up: the first ${formatDuration(report.warmup.ms)} (${report.warmup.calls} calls${failed}) are left out.`,
    );
  }
  if (report.warmup.steady === false)
    notes.push('No steady state: latency still changed in the second half of the run.');
  if (report.reopened > 0) notes.push(`${report.reopened} times a session had expired and was opened again.`);
  if (report.renewed !== undefined)
    notes.push(
      `The token was renewed ${times(report.renewed)} in the middle of the load; a call that had to wait for it took as much longer.`,
    );
  if (report.strays > 0)
    notes.push(
      `${report.strays} messages of the server belonged to no call (logs on stdout, or answers with unknown ids).`,
    );
  notes.push(...askNotes(report.asks), ...progressNotes(report.progress));
  if (report.streams !== undefined) notes.push(...streamNotes(report.streams));
  if (report.died !== undefined) notes.push(`The target ended in the middle of the load: ${report.died}.`);
  return notes;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function waitingLimit(plan: LoadPlan): number {
  return 'maxWaiting' in plan.executor ? plan.executor.maxWaiting : 0;
}
