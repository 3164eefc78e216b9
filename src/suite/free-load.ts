import type { LoadPlan } from '../plan/load-plan.js';
import { describeExecutor, loadShape } from '../load/index.js';
import type { SuiteTest } from './suite-test.js';

/** One free-form load as a test with the id `load`, so that `dyno load` reports as the suite does. */
export function freeLoad(part: Pick<LoadPlan, 'executor' | 'warmup'> & Partial<LoadPlan>): SuiteTest {
  // Wrong plans are refused here, before anything is started.
  const shape = loadShape(part.executor);
  return {
    id: 'load',
    title: describeExecutor(part.executor),
    tags: ['load'],
    explain: 'One load as the flags say.',
    parameters: {},
    limitMs: () => {
      const warmup = part.warmup.kind === 'time' ? part.warmup.ms : 0;
      return shape.durationMs + warmup + (part.gracefulStopMs ?? 0) + (part.timeoutMs ?? 0);
    },
    async run(context) {
      const { parts } = await context.load(part);
      return parts;
    },
  };
}
