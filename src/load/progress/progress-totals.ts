import { Summary } from '../recording/summary.js';
import { noProgress, type ProgressCounts, type ProgressReport } from './progress-delta.js';

/** The progress of one operation over a load. */
export interface OperationProgressTotals extends ProgressCounts {
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
    let counts: ProgressCounts | undefined;
    for (const { first: own, ...each } of this.operations.values()) {
      first.add(own);
      counts = summed(counts, each);
    }
    return { ...summed(counts, noProgress), first };
  }
}

function summed(a: ProgressCounts | undefined, b: ProgressCounts): ProgressCounts {
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
