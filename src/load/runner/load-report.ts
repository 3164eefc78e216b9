import type { ExchangeSample, Failure } from '../../core/run-result.js';
import type { AskTotals } from '../asking/ask-totals.js';
import type { ProgressTotals } from '../progress/progress-totals.js';
import type { Summary } from '../recording/summary.js';
import type { StreamReport } from '../streams/stream-report.js';
import type { ThreadReport } from '../worker/channel.js';
import type { SeriesPoint } from './load-series.js';
import type { OperationTotals } from './operation-totals.js';
import type { TurnTotals } from './turn-totals.js';

/** What a load came to: counts and histograms, before anything is computed of them. */
export interface LoadReport {
  /** Wall clock at the beginning of the measuring, ms since 1970. */
  startedAt: number;
  /** The stretch that counts, ms: the plan's, or until the last answer where calls are counted. */
  windowMs: number;
  /** Until the last call was settled, ms. */
  elapsedMs: number;
  /** By operation, in the plan's order. */
  operations: OperationTotals[];
  /** Where the plan has turns. */
  turns?: TurnTotals;
  /** Ok calls that were answered within the window. */
  okInWindow: number;
  queueWait: Summary;
  scheduleLag: Summary;
  connect: Summary;
  initialize: Summary;
  /** Sessions that were ended with DELETE while the load was on: how long that took. */
  sessionClose: Summary;
  offered: number;
  sent: number;
  dropped: number;
  warmup: WarmupReport;
  /** Sessions that had expired and were opened again. */
  reopened: number;
  /** Sessions that the server did not end when told to. */
  unclosed: number;
  /** How often the target's token was renewed in the middle of the load; absent for never. */
  renewed?: number;
  /** Answers that belonged to no call, and output that was no message. */
  strays: number;
  /** What the server asked of its client, warm-up included; absent where it asked nothing. */
  asks?: AskTotals;
  /** What the server told of the progress of calls; absent where they carried no tokens. */
  progress?: ProgressTotals;
  /** By operation, calls of the whole load: also those that a found warm-up cuts off. */
  allCalls?: readonly number[];
  failures: Failure[];
  samples: ExchangeSample[];
  /** The event streams that were held meanwhile, where there were any. */
  streams?: StreamReport;
  series: readonly SeriesPoint[];
  threads: ThreadReport[];
  /** CPU of the whole generator process over the measured time, % of one core. */
  cpuPercent: number;
  /** Why the target's process ended in the middle of the load. */
  died: string | undefined;
  /** The ids of some of the sessions that were ended with the load; absent where there were none. */
  sessions?: readonly string[];
  /** The target's processes, where the load started them. */
  pids: number[];
  /** Ended before its time, by a signal or a threshold. */
  stopped: boolean;
}

/** What was left out at the beginning. */
export interface WarmupReport {
  /** ms; 0 where nothing was cut. */
  ms: number;
  calls: number;
  failed: number;
  /** Whether MSER-5 found a steady state; undefined where it was not asked, or had too little to go by. */
  steady: boolean | undefined;
}
