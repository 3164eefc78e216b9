import type { LoadPlan } from '../../plan/load-plan.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import type { LoadReport } from '../runner/load-report.js';
import { loadShape } from '../executors/index.js';
import { askNotes } from './ask-metrics.js';
import { progressNotes } from './progress-metrics.js';
import { streamNotes } from './stream-metrics.js';
import { totalOf } from './load-metrics.js';
import { turnNotes } from './turn-parts.js';
import { formatCount, formatDuration } from '../../core/units.js';

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
      `${formatCount(timeouts)} calls had no answer in time; percentiles are of answered calls, so the truth is worse.`,
    );
  }
  if (report.dropped > 0) {
    notes.push(
      `${formatCount(report.dropped)} calls were due but never sent: more than ${waitingLimit(plan)} were waiting, or time was up.`,
    );
  }
  notes.push(...warmUpNotes([report]));
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

/** What was left out as warm-up of a load, or of several; nothing where nothing was. */
export function warmUpNotes(reports: readonly Pick<LoadReport, 'warmup'>[]): string[] {
  const warmUps = reports.map(({ warmup }) => warmup).filter(({ ms }) => ms > 0);
  if (warmUps.length === 0) return [];
  const sum = (of: (warmup: LoadReport['warmup']) => number) =>
    warmUps.reduce((total, warmup) => total + of(warmup), 0);
  const lengths = warmUps.map(({ ms }) => ms);
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)].map(formatDuration);
  const time = least === most ? least : `${least} to ${most}`;
  const failed = sum((warmup) => warmup.failed);
  const calls = `${formatCount(sum((warmup) => warmup.calls))} calls${warmUps.length > 1 ? ' in all' : ''}`;
  return [
    `Warm-up: the first ${time}${warmUps.length > 1 ? ` of each of ${warmUps.length} loads` : ''} ` +
      `(${calls}${failed > 0 ? `, ${formatCount(failed)} of them failed` : ''}) are left out.`,
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function waitingLimit(plan: LoadPlan): number {
  return 'maxWaiting' in plan.executor ? plan.executor.maxWaiting : 0;
}
