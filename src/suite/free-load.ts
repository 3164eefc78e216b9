import type { LoadPlan } from '../plan/load-plan.js';
import { usageError } from '../core/errors.js';
import { describeTurn } from '../plan/turn-plan.js';
import { describeExecutor, loadShape, noStreamsOver, noTurnOk, sessionNotes } from '../load/index.js';
import type { Bench } from './bench.js';
import { streamResources } from './streams/stream-resources.js';
import type { SuiteTest } from './suite-test.js';

/** Event streams to be held meanwhile; the resources to subscribe to are the target's own unless given. */
export interface WantedStreams {
  count: number;
  resources: readonly string[] | undefined;
}

/** More than a slow server needs to open a stream, ms. */
const msPerStream = 50;

async function streamsOf(
  bench: Bench,
  streams: WantedStreams | undefined,
): Promise<Pick<LoadPlan, 'streams'>> {
  if (streams === undefined || streams.count === 0) return {};
  const fault = noStreamsOver(bench.loadTarget);
  if (fault !== undefined) throw usageError(`--streams: ${fault}`, 'Leave out --streams.');
  return {
    streams: { count: streams.count, resources: await streamResources(bench, streams.resources) },
  };
}

/** One free-form load as a test with the id `load`, so that `dyno load` reports as the suite does. */
export function freeLoad(
  part: Pick<LoadPlan, 'executor' | 'warmup'> & Partial<LoadPlan>,
  streams?: WantedStreams,
): SuiteTest {
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
      const opening = (streams?.count ?? 0) * msPerStream;
      return shape.durationMs + warmup + opening + (part.gracefulStopMs ?? 0) + (part.timeoutMs ?? 0);
    },
    async run(context) {
      const { plan, parts, report } = await context.load({
        ...part,
        ...(await streamsOf(context.bench, streams)),
      });
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
