import type { FailureClass } from '../core/index.js';

/** Latencies of a stretch of time, ms; null where there were none. */
export interface LatencySnapshot {
  p50: number | null;
  p90: number | null;
  p99: number | null;
  max: number | null;
}

/** A limit as it stands. */
export interface ThresholdSnapshot {
  /** `latency.p95 < 200 ms`, or the variable's name. */
  name: string;
  status: 'pass' | 'fail' | 'inconclusive';
}

/** One message of failure and how often it was seen. */
export interface ErrorSnapshot {
  class: FailureClass;
  message: string;
  count: number;
}

/** A test as it stands: plain data, all that the live view knows. */
export interface LiveSnapshot {
  /** The test's id and title. */
  test: string;
  title: string;
  /** Which part of the test, such as `warm-up` or `20 in flight`; empty where there is only one. */
  phase: string;
  /** Which test of how many; absent for a single one. */
  position?: { index: number; count: number };
  elapsedMs: number;
  /** Absent where the end is not a time. */
  totalMs?: number;
  /** Calls per second that were to be started; absent in a closed model. */
  offered?: number;
  /** Calls per second that ended well, of late. */
  achieved: number;
  calls: number;
  failed: number;
  inFlight: number;
  dropped: number;
  /** Busy share of the busiest load thread, 0…1. */
  generatorBusy: number;
  /** p99 of its lateness, ms; absent where there is no schedule. */
  scheduleLagMs?: number;
  /** The last ten seconds. */
  recent: LatencySnapshot;
  /** The test so far. */
  total: LatencySnapshot;
  /** Oldest first, equal intervals. */
  series: { rate: readonly number[]; p99: readonly (number | null)[] };
  /** Latencies of late by size, small ones first; the last bucket is open. */
  heat?: readonly { upToMs: number; count: number }[];
  /** The target's processes; absent where they cannot be seen. */
  target?: {
    /** % of one core. */
    cpu: number | null;
    rssMb: number;
    /** MB per second; null where too little is known. */
    slope: number | null;
  };
  thresholds: readonly ThresholdSnapshot[];
  topErrors: readonly ErrorSnapshot[];
}
