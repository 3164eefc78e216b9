import type { AuthorizationRequest } from '../../protocol/index.js';
import type { StopReport } from '../../target/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadTarget } from '../load-target.js';
import type { LoadReport } from './load-report.js';
import type { LoadProgress } from './load-book.js';

/** What a caller wants to hear of a load, and how it can end it. */
export interface LoadHooks {
  /** Aborted: begin no further calls, let those under way finish, report. */
  stop?: AbortSignal;
  /** Aborted: give up at once, report what there is. */
  abort?: AbortSignal;
  /** Everything is open and the first call is about to be made. */
  onStart?: (info: { pids: number[] }) => void;
  /**
   * The value of the target's Authorization header, again and again during the load; with `refresh` after a 401. Absent
   * where the target's headers say all there is.
   */
  authorization?: (request: AuthorizationRequest) => Promise<string | undefined>;
  /** A few times a second. */
  onProgress?: (progress: LoadProgress) => void;
}

/** Runs one load: on threads of this machine, or on workers elsewhere. */
export interface LoadRunner {
  /**
   * Runs a plan to its end.
   *
   * @throws DynoError 104 when the plan is wrong, 111 when the target cannot be reached; failures of calls are results.
   */
  run(plan: LoadPlan, target: LoadTarget, hooks?: LoadHooks): Promise<LoadReport>;
  /** Loads that follow each other on the same threads and, over stdio, the same process. Absent: each stands alone. */
  session?(): LoadSession;
}

/** A runner for several loads of one target. */
export interface LoadSession extends LoadRunner {
  /** Stops what was kept from load to load, and tells how processes came to their end. Never rejects. */
  close(): Promise<StopReport[]>;
}
