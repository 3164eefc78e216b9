import type { SuiteTest, TestContext } from '../suite-test.js';
import { findLeaks, type FoundLeak } from '../leaks/find-leaks.js';
import { withLeaks } from '../leaks/leak-outcome.js';
import { resourcesHidden } from '../resources/resources-hidden.js';
import { WatchedLoads, type Stretch } from '../resources/watched-loads.js';

/**
 * A runtime takes memory over its first thousands of calls as if it leaked: it is given so many times the calls before it is
 * asked again.
 */
const settlingTimes = 10;

/** Batch after batch, then quiet: what does the target hold. */
export const memoryUnderLoad: SuiteTest = {
  id: 'memory-under-load',
  title: 'Memory while batches of calls come',
  tags: ['performance', 'memory'],
  originalName: 'test_memory_usage_under_load',
  explain:
    "Makes batches of calls and watches the memory of the target's processes from before the first call until after an idle " +
    'time, with its CPU, descriptors and threads, and the memory of the generator beside it. Decides ' +
    'PERF_MAX_MEMORY_INCREASE_MB and PERF_MAX_MEMORY_MB. In the full profile it also asks whether memory leaks, as ' +
    'leak-detection does, and fails where it does: where memory rises, it is asked again after ten times the calls, as a ' +
    'runtime that is still finding its size looks the same at first.',
  parameters: {
    batches: { what: 'batches', smoke: 10, quick: 100, full: 100, min: 1, max: 1_000_000 },
    batchSize: { what: 'calls of a batch, all at once', smoke: 50, quick: 50, full: 50, min: 1, max: 10_000 },
    pause: { what: 'time between batches, ms', smoke: 10, quick: 25, full: 200, min: 0, max: 3_600_000 },
    idleBefore: { what: 'idle time before, ms', smoke: 50, quick: 200, full: 3000, min: 0, max: 3_600_000 },
    idleAfter: { what: 'idle time after, ms', smoke: 100, quick: 1000, full: 10_000, min: 0, max: 3_600_000 },
    maxDuration: {
      what: 'time limit of the load, ms',
      smoke: 4000,
      quick: 15_000,
      full: 120_000,
      min: 1,
      max: 86_400_000,
    },
    bytesPerCall: {
      what: 'growth of memory that is accepted, bytes per call',
      smoke: 100,
      quick: 100,
      full: 100,
      min: 0,
      max: 1e9,
    },
  },
  sharesMachine: true,
  limitMs: (parameters) =>
    Number(parameters['idleBefore']) +
    4 * Number(parameters['maxDuration']) +
    Number(parameters['idleBefore']) +
    2 * Number(parameters['idleAfter']),
  needs: (parameters, bench) => {
    const connections = bench.loadTarget.kind === 'stdio' ? 0 : Number(parameters['batchSize']);
    return { fds: connections, ports: connections };
  },
  skip: resourcesHidden,
  async run(context) {
    const loads = new WatchedLoads(context, { intervalMs: 50, detailEveryMs: 500 });
    const vus = context.number('batchSize');
    const maxDurationMs = context.number('maxDuration');
    // The first batch shows over stdio what memory is like before the others.
    const first = { kind: 'per-vu-iterations', vus, iterations: 1, maxDurationMs } as const;
    await loads.load({ executor: first }, 'first batch');
    const watched = await batchesOf(context, loads);
    const judges = context.profile === 'full';
    let found = judges ? leaksIn(context, loads, watched) : [];
    const rise = found.find(isMemoryLeak);
    if (rise !== undefined && loads.died === undefined && !context.stop.aborted) {
      const calls = settlingTimes * context.number('batches') * vus;
      await loads.load(
        { executor: { kind: 'shared-iterations', vus, iterations: calls, maxDurationMs } },
        'memory rose: settling',
      );
      found = leaksIn(context, loads, await batchesOf(context, loads));
    }
    const outcome = await loads.end();
    if (loads.died !== undefined) return outcome;
    if (context.profile !== 'full') {
      const notJudged = 'leak: asked in the full profile, and by leak-detection';
      return { ...outcome, notJudged: [...(outcome.notJudged ?? []), notJudged] };
    }
    const judged = withLeaks(outcome, found);
    if (rise === undefined || found.some(isMemoryLeak)) return judged;
    const note = `Memory rose over the first calls of the process (${rise.finding.reason}), and did not go on when it was asked again after many more: it found its size.`;
    return { ...judged, notes: [...(judged.notes ?? []), note] };
  },
};

/** What was watched of batches. */
interface Batches {
  before: Stretch;
  load: Stretch;
  after: Stretch;
}

async function batchesOf(context: TestContext, loads: WatchedLoads): Promise<Batches> {
  const before = await loads.idle(context.number('idleBefore'), 'idle before');
  const batches = Math.max(1, context.number('batches') - 1);
  const load = await loads.load(
    {
      executor: {
        kind: 'per-vu-iterations',
        vus: context.number('batchSize'),
        iterations: batches,
        maxDurationMs: context.number('maxDuration'),
      },
      thinkTime: { kind: 'constant', ms: context.number('pause') },
    },
    `${batches} batches`,
  );
  return { before, load, after: await loads.idle(context.number('idleAfter'), 'idle after') };
}

function leaksIn(context: TestContext, loads: WatchedLoads, { before, load, after }: Batches): FoundLeak[] {
  const watch = {
    load: loads.samples(load),
    idleBefore: loads.samples(before),
    idleAfter: loads.samples(after),
  };
  return findLeaks(watch, context.number('bytesPerCall'));
}

function isMemoryLeak({ resource, finding }: FoundLeak): boolean {
  return resource === 'memory' && finding.verdict === 'leaking';
}
