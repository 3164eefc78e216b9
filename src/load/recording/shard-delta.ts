import type { ExchangeSample, Failure } from '../../core/run-result.js';
import type { AskDelta } from '../asking/ask-delta.js';
import type { ProgressReport } from '../progress/progress-delta.js';
import type { RecorderDelta } from './recorder.js';
import type { TurnDelta } from './turn-recorder.js';

/** What one operation did in an interval. */
export interface OperationDelta {
  /** Index into the plan's operations. */
  operation: number;
  ok: number;
  /** Failed calls by class, in the order of `failureClasses`. */
  failed: number[];
  /** Ok calls, from the intended start. */
  latency?: RecorderDelta;
  /** Ok calls, from the actual send; absent where it is the latency (closed models). */
  service?: RecorderDelta;
  /** Ok calls, from the actual send to the first byte of the answer. */
  ttfb?: RecorderDelta;
}

/** What one load thread did in an interval. Numbers count from the interval's start, times from the load's start. */
export interface ShardDelta {
  /** 0, 1, 2, …: shows a gap. */
  sequence: number;
  fromMs: number;
  toMs: number;
  operations: OperationDelta[];
  queueWait?: RecorderDelta;
  scheduleLag?: RecorderDelta;
  connect?: RecorderDelta;
  initialize?: RecorderDelta;
  /** Sessions that were ended with DELETE: how long that took. */
  sessionClose?: RecorderDelta;
  /** Calls that the schedule asked for. */
  offered: number;
  /** Calls that were sent. */
  sent: number;
  /** Arrivals given up because too many were waiting. */
  dropped: number;
  /** Calls made before the measuring began (fixed warm-up), and how many of them failed. */
  warmup: { calls: number; failed: number };
  /** At the end of the interval. */
  inFlight: number;
  waiting: number;
  active: number;
  /** Sessions that had to be opened again. */
  reopened: number;
  /** Sessions that the server did not end when told to. */
  unclosed: number;
  /** Answers that belong to no call. */
  strays: number;
  /** Time the thread spent in its own work, ms, deliberate polling left out. */
  busyMs: number;
  /** Where the plan has turns. */
  turns?: TurnDelta;
  /** What the server asked of its client; absent where it asked nothing. */
  asks?: AskDelta;
  /** What the server told of the progress of calls; absent where they carried no tokens. */
  progress?: ProgressReport;
  failures: Failure[];
  samples: ExchangeSample[];
}
