import { rateInterval } from '../../analysis/rate-interval.js';
import type { JsonObject } from '../../core/json.js';
import type { Metric, Metrics } from '../../core/run-result.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadReport } from '../runner/load-report.js';
import { timeMetrics } from './time-metrics.js';

/** Early ends that are named. */
const mostNamed = 20;

const count = (value: number): Metric => ({ value, unit: 'count' });

/** The metrics of turns: how many came out well, and how long they took. Nothing where the plan has none. */
export function turnMetrics({ turns, windowMs }: LoadReport): Metrics {
  if (turns === undefined) return {};
  const { ok, failed, missing, cut, ended } = turns;
  const seconds = windowMs / 1000;
  return {
    'turns.total': count(ended),
    'turns.ok': count(ok),
    'turns.failed': count(failed),
    'turns.missing_field': count(missing),
    'turns.cut': count(cut),
    'turns.success_rate': {
      value: ended === 0 ? null : ok / ended,
      unit: 'ratio',
      ci95: ended === 0 ? null : rateInterval(ok, ended),
    },
    'turns.throughput': { value: seconds > 0 ? turns.okInWindow / seconds : null, unit: 'ops/s' },
    ...timeMetrics('turn_time', turns.time),
  };
}

/** What a reader must know of the turns. */
export function turnNotes({ turn, operations }: LoadPlan, { turns }: LoadReport): string[] {
  if (turn === undefined || turns === undefined) return [];
  const what = { chain: 'chains', burst: 'bursts', task: 'tasks' }[turn.kind];
  const notes: string[] = [];
  const usual = turn.kind === 'task' ? turns.time.histogram.quantile(0.5) : null;
  if (usual !== null) {
    notes.push(`${turns.ok} tasks, ${Math.round(usual)} ms from the call to the result (median; turn_time).`);
  }
  if (turns.cut > 0) {
    notes.push(
      `${turns.cut} ${what} were under way when the load ended; they count neither as ok nor as failed.`,
    );
  }
  const { endings } = turns;
  for (const { step, because, count: times } of endings.slice(0, 3)) {
    const where = step < 0 ? '' : ` at step ${step + 1} (${operations[step]?.name ?? '?'})`;
    notes.push(`${times} of ${turns.ended} ${what} ended${where}: ${because}.`);
  }
  if (endings.length > 3) notes.push(`${endings.length - 3} more reasons are in the result.`);
  return notes;
}

/** Why chains ended early, for the result; undefined for loads without chains. */
export function turnDetails({ turn, operations }: LoadPlan, { turns }: LoadReport): JsonObject | undefined {
  if (turn?.kind !== 'chain' || turns === undefined) return undefined;
  return {
    chain: {
      steps: operations.map(({ name }) => name),
      ended_early: turns.endings.slice(0, mostNamed).map(({ step, because, count: times }) => ({
        step: step + 1,
        operation: operations[step]?.name ?? '',
        because,
        count: times,
      })),
    },
  };
}

/** Why a load fails in which turns were made and none came out ok; undefined where it does not. */
export function noTurnOk(report: LoadReport): string | undefined {
  const { turns } = report;
  if (turns === undefined || turns.ended === 0 || turns.ok > 0) return undefined;
  const [first] = turns.endings;
  const why = first === undefined || first.step < 0 ? '' : ` (step ${first.step + 1}: ${first.because})`;
  return `none of ${turns.ended} turns came out ok${why}`;
}
