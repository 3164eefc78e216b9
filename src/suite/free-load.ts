import type { LoadPlan } from '../plan/load-plan.js';
import { describeTurn } from '../plan/turn-plan.js';
import { describeExecutor, loadShape, noTurnOk, sessionNotes } from '../load/index.js';
import type { SuiteTest } from './suite-test.js';

/** One free-form load as a test with the id `load`, so that `dyno load` reports as the suite does. */
export function freeLoad(part: Pick<LoadPlan, 'executor' | 'warmup'> & Partial<LoadPlan>): SuiteTest {
  // Wrong plans are refused here, before anything is started.
  const shape = loadShape(part.executor);
  return {
    id: 'load',
    title: titleOf(part),
    tags: ['load'],
    explain: 'One load as the flags say.',
    parameters: {},
    limitMs: () => {
      const warmup = part.warmup.kind === 'time' ? part.warmup.ms : 0;
      return shape.durationMs + warmup + (part.gracefulStopMs ?? 0) + (part.timeoutMs ?? 0);
    },
    async run(context) {
      const { plan, parts, report } = await context.load(part);
      const reason = noTurnOk(report);
      return {
        ...parts,
        notes: [...parts.notes, ...sessionNotes(plan, report, context.bench.loadTarget)],
        ...(reason === undefined ? {} : { status: 'fail', reason }),
      };
    },
  };
}

function titleOf({ executor, turn }: Pick<LoadPlan, 'executor'> & Partial<LoadPlan>): string {
  const load = describeExecutor(executor);
  // Executors count what they start; here that is turns.
  return turn === undefined ? load : `${load.replace(/\bcalls\b/, 'turns')}, ${describeTurn(turn)}`;
}
