import type { TargetReport } from '../core/run-result.js';
import type { LoadRunner, LoadTarget } from '../load/index.js';
import type { ResourceSource } from '../measure/index.js';

/** A target set up for measuring: reached, known, and ready to be loaded. */
export interface Bench {
  readonly target: TargetReport;
  readonly loadTarget: LoadTarget;
  readonly runner: LoadRunner;
  /**
   * What to watch while the target is loaded.
   *
   * @param loadPids the processes that the load threads started: a stdio target's.
   */
  resources(loadPids: readonly number[]): ResourceSource;
  /** The last of what the target wrote to stderr; empty where it is not ours. */
  lastWords(): string;
}
