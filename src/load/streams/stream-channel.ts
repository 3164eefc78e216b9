import type { StreamHolderOptions } from './stream-holder.js';
import type { StreamReport } from './stream-report.js';

/** What the thread that holds streams is told. */
export type ToStreams =
  | { type: 'hold'; options: Omit<StreamHolderOptions, 'roomLeft'> }
  /** Answered with `report` when no more streams are being opened. */
  | { type: 'raise'; wanted: number }
  /** Answered with `report` at once. */
  | { type: 'look' }
  | { type: 'stop-raising'; why: string }
  /** Answered with `closed`. */
  | { type: 'close' };

/** What it says. */
export type FromStreams = { type: 'report' | 'closed'; report: StreamReport };
