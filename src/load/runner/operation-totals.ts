import { failureClasses } from '../../core/outcome.js';
import { Summary } from '../recording/summary.js';
import type { OperationDelta } from '../recording/shard-delta.js';

/** What one operation came to over any stretch of a load. */
export class OperationTotals {
  ok = 0;
  /** Of these, the calls that were answered while the load was still on: what throughput counts. */
  okInWindow = 0;
  readonly failed: number[] = failureClasses.map(() => 0);
  readonly latency = new Summary();
  /** Filled only where it differs from the latency (open models, think time). */
  readonly service = new Summary();
  readonly ttfb = new Summary();

  /** Calls that failed in any way. */
  get failures(): number {
    return this.failed.reduce((sum, count) => sum + count, 0);
  }

  /** Empties them. */
  clear(): void {
    this.ok = 0;
    this.failed.fill(0);
    this.latency.clear();
    this.service.clear();
    this.ttfb.clear();
  }

  /**
   * Adds what a load thread drained.
   *
   * @param inWindow it was drained before the window of the load ended.
   */
  addDelta(delta: OperationDelta, inWindow = true): void {
    if (inWindow) this.okInWindow += delta.ok;
    this.#count(delta.ok, delta.failed);
    if (delta.latency !== undefined) this.latency.addDelta(delta.latency);
    if (delta.service !== undefined) this.service.addDelta(delta.service);
    if (delta.ttfb !== undefined) this.ttfb.addDelta(delta.ttfb);
  }

  /** Adds all of other totals. */
  add(other: OperationTotals): void {
    this.okInWindow += other.okInWindow;
    this.#count(other.ok, other.failed);
    this.latency.add(other.latency);
    this.service.add(other.service);
    this.ttfb.add(other.ttfb);
  }

  /** As a delta again, to keep it small. */
  toDelta(operation: number): OperationDelta {
    const latency = this.latency.toDelta();
    const service = this.service.toDelta();
    const ttfb = this.ttfb.toDelta();
    return {
      operation,
      ok: this.ok,
      failed: [...this.failed],
      ...(latency === undefined ? {} : { latency }),
      ...(service === undefined ? {} : { service }),
      ...(ttfb === undefined ? {} : { ttfb }),
    };
  }

  #count(ok: number, failed: readonly number[]): void {
    this.ok += ok;
    for (const [index, count] of failed.entries()) this.failed[index]! += count;
  }
}
