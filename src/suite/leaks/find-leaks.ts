import { judgeLeak, type LeakFinding, type LeakResource, type ResourceSample } from '../../analysis/index.js';
import type { WatchedSample } from '../target-watch.js';

/** What was watched, sorted by what was going on. */
export interface LeakWatch {
  load: readonly WatchedSample[];
  idleBefore?: readonly WatchedSample[];
  idleAfter?: readonly WatchedSample[];
  /** The load is still on, so what can only be told coarsely is not told yet. */
  moreToCome?: boolean;
}

/** A resource and whether it leaks. */
export interface FoundLeak {
  resource: LeakResource;
  finding: LeakFinding;
}

const readings: readonly [LeakResource, (sample: WatchedSample) => number | null][] = [
  ['memory', (sample) => sample.rssBytes],
  // An old count would lag behind the calls.
  ['fds', (sample) => ((sample.fdsAgeMs ?? 0) > 1 ? null : sample.fds)],
  ['threads', (sample) => sample.threads],
  ['processes', (sample) => sample.processes],
];

/**
 * Memory that waits to be collected rises like a leak until the first collections: with fewer calls (a server may drop 200 kB
 * in each) nothing is said of memory.
 */
const leastCalls = 4000;

/**
 * Asks of memory, file descriptors, threads and processes whether they leak. What could not be read at all is left out.
 *
 * @param bytesPerCall growth of memory that is accepted.
 */
export function findLeaks(watch: LeakWatch, bytesPerCall: number): FoundLeak[] {
  return readings.flatMap(([resource, read]) => {
    const of = (samples: readonly WatchedSample[] = []): ResourceSample[] =>
      samples.flatMap((sample) => {
        const value = read(sample);
        return value === null ? [] : [{ t: sample.t / 1000, calls: sample.calls, value }];
      });
    const load = of(watch.load);
    if (load.length === 0 && watch.load.length > 0) return [];
    const calls = (load.at(-1)?.calls ?? 0) - (load[0]?.calls ?? 0);
    if (resource === 'memory' && calls < leastCalls) return [{ resource, finding: tooFewCalls(calls) }];
    const finding = judgeLeak({
      resource,
      load,
      idleBefore: of(watch.idleBefore),
      idleAfter: of(watch.idleAfter),
      moreToCome: watch.moreToCome ?? false,
      ...(resource === 'memory' ? { boundPerCall: bytesPerCall } : {}),
    });
    return [{ resource, finding }];
  });
}

function tooFewCalls(calls: number): LeakFinding {
  return {
    verdict: 'undecidable',
    reason: `${calls} calls while it was watched, ${leastCalls} needed`,
    callsNeeded: leastCalls,
    evidence: null,
  };
}
