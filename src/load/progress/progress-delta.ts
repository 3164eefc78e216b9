import type { RecorderDelta } from '../recording/recorder.js';

/** What is counted of progress. */
export interface ProgressCounts {
  /** Calls that carried a token and came to their end. */
  calls: number;
  /** Those of them that were told any progress. */
  reporting: number;
  /** Notifications that came while their call was under way; and most for one call. */
  notifications: number;
  most: number;
  /** Between the first and the last notification of each call: so many gaps, so much time, ms. */
  gaps: number;
  gapsMs: number;
  /** Notifications whose progress is not more than the one before (2025-03-26, "Progress": it must increase). */
  outOfOrder: number;
  /** Notifications after the answer to their call. */
  late: number;
}

/** Nothing counted yet. */
export const noProgress: Readonly<ProgressCounts> = {
  calls: 0,
  reporting: 0,
  notifications: 0,
  most: 0,
  gaps: 0,
  gapsMs: 0,
  outOfOrder: 0,
  late: 0,
};

/** The progress of the calls of one operation in an interval. Plain data. */
export interface ProgressDelta extends ProgressCounts {
  /** Index into the plan's operations. */
  operation: number;
  /** From the sending of the call to its first notification. */
  first?: RecorderDelta;
}

/** What a load thread was told of progress in an interval. */
export interface ProgressReport {
  operations: ProgressDelta[];
  /** Notifications whose token is that of no call, or whose `progress` is no number. */
  unknown: number;
}
