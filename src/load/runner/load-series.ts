import type { OperationDelta, ShardDelta } from '../recording/shard-delta.js';
import { OperationTotals } from './operation-totals.js';
import { packedOperations } from './packed-operations.js';
import type { TurnDelta } from '../recording/turn-recorder.js';
import { joinedTurns } from './turn-totals.js';

/** What all threads did in one interval. Times in ms from the beginning of the measuring. */
export interface SeriesPoint {
  fromMs: number;
  toMs: number;
  operations: OperationDelta[];
  /** Where the plan has turns, and any ended. */
  turns?: TurnDelta;
  offered: number;
  dropped: number;
  busyMs: number;
  /** By load thread: the largest seen in the interval. */
  gauges: readonly (ShardGauges | undefined)[];
}

/** How much a load thread had under way. */
export interface ShardGauges {
  inFlight: number;
  waiting: number;
  /** Virtual users at work, or slots. */
  active: number;
}

/** All threads of a point together. */
export function gaugesOf(point: SeriesPoint): ShardGauges {
  const total = { inFlight: 0, waiting: 0, active: 0 };
  for (const gauges of point.gauges) {
    total.inFlight += gauges?.inFlight ?? 0;
    total.waiting += gauges?.waiting ?? 0;
    total.active += gauges?.active ?? 0;
  }
  return total;
}

const maxPoints = 600;

/**
 * A load over time: one point an interval, at most 600; when there are more, neighbours are put together and intervals
 * twice as long. Every point keeps its histograms (encoded), so that nothing is lost but resolution in time.
 */
export class LoadSeries {
  #points: SeriesPoint[] = [];
  #widthMs: number;

  /** @param widthMs how often threads report, ms. */
  constructor(widthMs: number) {
    this.#widthMs = widthMs;
  }

  get points(): readonly SeriesPoint[] {
    return this.#points;
  }

  /** Adds what one thread did in an interval to the point that its middle falls into. */
  add(delta: ShardDelta, shard: number): void {
    // Thread timers come late by a little, never by half an interval: the middle decides.
    const slot = Math.floor((delta.fromMs + delta.toMs) / 2 / this.#widthMs);
    let at = this.#points.length;
    while (at > 0 && this.#slotOf(this.#points[at - 1]!) > slot) at--;
    const found = at > 0 ? this.#points[at - 1] : undefined;
    const point = pointOf(delta, shard);
    if (found !== undefined && this.#slotOf(found) === slot) {
      this.#points[at - 1] = joined(found, point);
    } else {
      this.#points.splice(at, 0, point);
      if (this.#points.length > maxPoints) this.#halve();
    }
  }

  #slotOf(point: SeriesPoint): number {
    return Math.floor((point.fromMs + point.toMs) / 2 / this.#widthMs);
  }

  #halve(): void {
    this.#widthMs *= 2;
    const halved: SeriesPoint[] = [];
    for (const point of this.#points) {
      const last = halved.at(-1);
      if (last !== undefined && this.#slotOf(last) === this.#slotOf(point)) {
        halved[halved.length - 1] = joined(last, point);
      } else {
        halved.push(point);
      }
    }
    this.#points = halved;
  }
}

/** Each `size` neighbours put together, the last ones as they are; nothing is lost but resolution in time. */
export function coarserPoints(points: readonly SeriesPoint[], size: number): SeriesPoint[] {
  const coarser: SeriesPoint[] = [];
  for (const [index, point] of points.entries()) {
    if (index % size === 0) coarser.push(point);
    else coarser[coarser.length - 1] = joined(coarser.at(-1)!, point);
  }
  return coarser;
}

function pointOf(delta: ShardDelta, shard: number): SeriesPoint {
  const { fromMs, toMs, operations, offered, dropped, inFlight, waiting, active, busyMs } = delta;
  const gauges: ShardGauges[] = [];
  gauges[shard] = { inFlight, waiting, active };
  const turns = delta.turns === undefined ? {} : { turns: delta.turns };
  return {
    fromMs,
    toMs,
    operations: packedOperations(operations),
    ...turns,
    offered,
    dropped,
    busyMs,
    gauges,
  };
}

function joined(a: SeriesPoint, b: SeriesPoint): SeriesPoint {
  const turns = joinedTurns(a.turns, b.turns);
  return {
    fromMs: Math.min(a.fromMs, b.fromMs),
    toMs: Math.max(a.toMs, b.toMs),
    operations: packedOperations(joinedOperations(a.operations, b.operations)),
    ...(turns === undefined ? {} : { turns }),
    offered: a.offered + b.offered,
    dropped: a.dropped + b.dropped,
    busyMs: a.busyMs + b.busyMs,
    gauges: joinedGauges(a.gauges, b.gauges),
  };
}

function joinedGauges(a: SeriesPoint['gauges'], b: SeriesPoint['gauges']): SeriesPoint['gauges'] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, shard) => {
    const one = a[shard];
    const other = b[shard];
    if (one === undefined || other === undefined) return one ?? other;
    return {
      inFlight: Math.max(one.inFlight, other.inFlight),
      waiting: Math.max(one.waiting, other.waiting),
      active: Math.max(one.active, other.active),
    };
  });
}

/** Sums are made here, one after another: new histograms for each of thousands would cost hundreds of megabytes at once. */
const sum = new OperationTotals();

function joinedOperations(a: OperationDelta[], b: OperationDelta[]): OperationDelta[] {
  const all = new Map<number, OperationDelta>(a.map((delta) => [delta.operation, delta]));
  for (const delta of b) {
    const other = all.get(delta.operation);
    if (other === undefined) {
      all.set(delta.operation, delta);
      continue;
    }
    sum.clear();
    sum.addDelta(other);
    sum.addDelta(delta);
    all.set(delta.operation, sum.toDelta(delta.operation));
  }
  return [...all.values()];
}
