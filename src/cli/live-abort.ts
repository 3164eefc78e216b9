import { thresholdsFor, type Threshold } from '../plan/thresholds/index.js';
import type { TestProgress } from '../suite/index.js';
import { totalsOf } from './live-snapshot.js';
import { abortingThreshold } from './live-thresholds.js';

/** Ends a run when a threshold with `abortOnFail` no longer holds. */
export interface LiveAbort {
  /** Aborted with a sentence as its reason. */
  signal: AbortSignal;
  look(progress: TestProgress): void;
}

/** Watches progress for thresholds that are to end the run. */
export function liveAbort(thresholds: readonly Threshold[]): LiveAbort {
  const controller = new AbortController();
  const watched = thresholds.filter((threshold) => threshold.abortOnFail !== undefined);
  return {
    signal: controller.signal,
    look({ test, load }) {
      if (watched.length === 0 || controller.signal.aborted) return;
      const own = thresholdsFor(test.id, watched);
      if (own.length === 0) return;
      const broken = abortingThreshold(own, totalsOf(load.operations), load.elapsedMs);
      if (broken)
        controller.abort(
          `${broken.name} failed after ${Math.round(load.elapsedMs)} ms, so the run was ended`,
        );
    },
  };
}
