import { Summary } from '../recording/summary.js';
import type { ProgressDelta, ProgressReport } from './progress-delta.js';

/** The progress of one operation over a load. */
export interface OperationProgressTotals extends Omit<ProgressDelta, 'operation' | 'first'> {
  readonly first: Summary;
}

/** What a load was told of progress. */
export class ProgressTotals {
  /** By index into the plan's operations. */
  readonly operations = new Map<number, OperationProgressTotals>();
  unknown = 0;

  /** Adds what a load thread drained. */
  add(report: ProgressReport): void {
    this.unknown += report.unknown;
    for (const { operation, first, ...counts } of report.operations) {
      const known = this.operations.get(operation);
      const summary = known?.first ?? new Summary();
      if (first !== undefined) summary.addDelta(first);
      this.operations.set(operation, { ...summed(known, counts), first: summary });
    }
  }

  /** All operations as one. */
  get all(): OperationProgressTotals {
    const first = new Summary();
    let counts: Counts | undefined;
    for (const { first: own, ...each } of this.operations.values()) {
      first.add(own);
      counts = summed(counts, each);
    }
    return { ...summed(counts, nothing), first };
  }
}

type Counts = Omit<ProgressDelta, 'operation' | 'first'>;

const nothing: Counts = {
  calls: 0,
  reporting: 0,
  notifications: 0,
  most: 0,
  gaps: 0,
  gapsMs: 0,
  outOfOrder: 0,
  late: 0,
};

function summed(a: Counts | undefined, b: Counts): Counts {
  if (a === undefined) return b;
  return {
    calls: a.calls + b.calls,
    reporting: a.reporting + b.reporting,
    notifications: a.notifications + b.notifications,
    most: Math.max(a.most, b.most),
    gaps: a.gaps + b.gaps,
    gapsMs: a.gapsMs + b.gapsMs,
    outOfOrder: a.outOfOrder + b.outOfOrder,
    late: a.late + b.late,
  };
}
