import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { connectionsNeeded } from '../connections-needed.js';
import { decidedOnce } from '../leaks/decided-once.js';
import { findLeaks, type FoundLeak } from '../leaks/find-leaks.js';
import { withLeaks } from '../leaks/leak-outcome.js';
import { withSessionLeaks } from '../leaks/session-leaks.js';
import { resourcesHidden } from '../resources/resources-hidden.js';
import { WatchedLoads, type Stretch } from '../resources/watched-loads.js';

/** Idle, load, idle: what does a call leave behind. */
export const leakDetection: SuiteTest = {
  id: 'leak-detection',
  title: 'What a call leaves behind',
  tags: ['leak', 'memory', 'slow'],
  explain:
    'Watches the memory, file descriptors, threads and processes of the target while it is idle, then loaded, then idle again, ' +
    'and opens and ends sessions. A leak is only called when the floor of what is held rises with the calls (Mann-Kendall, ' +
    'corrected for autocorrelation), the interval of the growth per call (Theil-Sen) lies above the bound, the rise is above ' +
    '8 MB (or 10 descriptors) and three times the noise, growth goes on in the second half, and it does not come back when ' +
    'idle; a rise below 48 MB must also be straight, as a heap that finds its size is not. Where that cannot be ' +
    'decided yet the load goes on, up to maxDuration. Clean says which growth is excluded: the bound, ' +
    'or, where it could not be decided in that time, what would have made 8 MB. Fails by itself, with the rate per call.',
  parameters: {
    inFlight: { what: 'calls in flight', smoke: 5, quick: 5, full: 5, min: 1, max: 10_000 },
    prime: {
      what: 'calls before anything counts',
      smoke: 20,
      quick: 1000,
      full: 5000,
      min: 1,
      max: 10_000_000,
    },
    idleBefore: { what: 'idle time before, ms', smoke: 200, quick: 500, full: 3000, min: 0, max: 3_600_000 },
    duration: {
      what: 'load after which it may be decided, ms',
      smoke: 500,
      quick: 6000,
      full: 30_000,
      min: 1,
      max: 86_400_000,
    },
    maxDuration: {
      what: 'load at most, ms',
      smoke: 500,
      quick: 20_000,
      full: 300_000,
      min: 1,
      max: 86_400_000,
    },
    idleAfter: { what: 'idle time after, ms', smoke: 200, quick: 1000, full: 10_000, min: 0, max: 3_600_000 },
    sessions: {
      what: 'sessions that are opened and ended (HTTP)',
      smoke: 10,
      quick: 50,
      full: 200,
      min: 0,
      max: 100_000,
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
    Number(parameters['maxDuration']) +
    Number(parameters['idleAfter']) +
    20_000,
  needs: (parameters, bench) => connectionsNeeded(Number(parameters['inFlight']), bench),
  skip: resourcesHidden,
  provesSessions: true,
  run: watchForLeaks,
};

/** How often to look, ms: the shorter the load, the closer. */
function intervalOf(durationMs: number): number {
  return Math.min(250, Math.max(25, durationMs / 240));
}

async function watchForLeaks(context: TestContext): Promise<TestOutcome> {
  const intervalMs = intervalOf(context.number('duration'));
  const loads = new WatchedLoads(context, { intervalMs, detailEveryMs: 4 * intervalMs });
  const vus = context.number('inFlight');
  const prime = Math.max(vus, context.number('prime'));
  const executor = { kind: 'shared-iterations', vus, iterations: prime, maxDurationMs: 10_000 } as const;
  await loads.load({ executor }, 'warming up');
  const before = await loads.idle(context.number('idleBefore'), 'idle before');
  const { load, found } = await loadUntilDecided(context, loads);
  const after = await loads.idle(context.number('idleAfter'), 'idle after');
  const outcome = await loads.end();
  if (loads.died !== undefined) return outcome;
  if (context.stop.aborted) return outcome;
  const last = leaksIn(context, loads, load, { before, after });
  const judged = withLeaks(outcome, decidedOnce(last, found));
  return await withSessionLeaks(context, judged, context.number('sessions'));
}

/** Each look comes so many times as late as the one before: with one at every moment, chance alone would sooner or later decide. */
const lookFactor = 1.15;

/** What was seen under load, and what that came to where it was decided. */
interface Decision {
  load: Stretch;
  found: readonly FoundLeak[];
}

/** The load goes on until all is decided. */
async function loadUntilDecided(context: TestContext, loads: WatchedLoads): Promise<Decision> {
  const decided = new AbortController();
  const began = performance.now();
  let nextMs = context.number('duration');
  let found: readonly FoundLeak[] = [];
  const load = await loads.load(
    {
      executor: {
        kind: 'constant-vus',
        vus: context.number('inFlight'),
        durationMs: Math.max(context.number('duration'), context.number('maxDuration')),
      },
    },
    'load',
    {
      stop: decided.signal,
      onSample: () => {
        const now = performance.now();
        if (now - began < nextMs || decided.signal.aborted) return;
        nextMs *= lookFactor;
        found = leaksIn(context, loads, { from: began, to: now });
        if (found.every(({ finding }) => finding.verdict !== 'undecidable')) decided.abort();
      },
    },
  );
  return { load, found };
}

function leaksIn(
  context: TestContext,
  loads: WatchedLoads,
  load: Stretch,
  idle?: { before: Stretch; after: Stretch },
): FoundLeak[] {
  return findLeaks(
    {
      load: loads.samples(load),
      ...(idle === undefined
        ? { moreToCome: true }
        : { idleBefore: loads.samples(idle.before), idleAfter: loads.samples(idle.after) }),
    },
    context.number('bytesPerCall'),
  );
}
