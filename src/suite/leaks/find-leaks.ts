import { judgeLeak, type LeakFinding, type LeakResource, type ResourceSample } from '../../analysis/index.js';
import type { WatchedSample } from '../target-watch.js';

/** What was watched, sorted by what was going on. */
export interface LeakWatch {
  load: readonly WatchedSample[];
  idleBefore?: readonly WatchedSample[];
  idleAfter?: readonly WatchedSample[];
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
    const finding = judgeLeak({
      resource,
      load,
      idleBefore: of(watch.idleBefore),
      idleAfter: of(watch.idleAfter),
      ...(resource === 'memory' ? { boundPerCall: bytesPerCall } : {}),
    });
    return [{ resource, finding }];
  });
}
