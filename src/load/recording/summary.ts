import { Histogram } from '../../core/histogram/index.js';
import type { RecorderDelta } from './recorder.js';

/** Durations gathered from any number of recorders: what percentiles are read from. */
export class Summary {
  readonly histogram = new Histogram();
  sumMs = 0;
  minMs = Infinity;
  maxMs = 0;

  /** How many durations. */
  get count(): number {
    return this.histogram.count;
  }

  /** Their exact mean in ms; null when there are none. */
  get meanMs(): number | null {
    return this.count === 0 ? null : this.sumMs / this.count;
  }

  /** Empties it. */
  clear(): void {
    this.histogram.clear();
    this.sumMs = 0;
    this.minMs = Infinity;
    this.maxMs = 0;
  }

  /** Adds what a recorder drained. */
  addDelta(delta: RecorderDelta): void {
    this.histogram.addEncoded(delta.encoded);
    this.sumMs += delta.sumMs;
    this.minMs = Math.min(this.minMs, delta.minMs);
    this.maxMs = Math.max(this.maxMs, delta.maxMs);
  }

  /** Adds all of another summary. */
  add(other: Summary): void {
    this.histogram.add(other.histogram);
    this.sumMs += other.sumMs;
    this.minMs = Math.min(this.minMs, other.minMs);
    this.maxMs = Math.max(this.maxMs, other.maxMs);
  }

  /** As a delta again, to keep it small or to send it on; undefined when empty. */
  toDelta(): RecorderDelta | undefined {
    if (this.count === 0) return undefined;
    return {
      encoded: this.histogram.encode(),
      count: this.count,
      sumMs: this.sumMs,
      minMs: this.minMs,
      maxMs: this.maxMs,
    };
  }
}
