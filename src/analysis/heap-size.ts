import { floorOf, type ResourceSample } from './floor.js';
import { theilSen } from './theil-sen.js';

/**
 * What the heap of a runtime may take until it has its size, bytes: V8's young generation grows in doubling steps to three times
 * 16 MB, and its old one up to its first collection. A server on Node 20 took 27 MB so, in its first 35,000 to 130,000 calls.
 */
export const heapFindsItsSize = 48e6;
/** So many times as much makes what a heap may take in it a quarter: while more calls will come, a rate is not told before. */
const heapsToTellRate = 4;
/** A leak is straight, steps are not: so far may the lows of eight stretches be from their line, as a share of the rise. */
const mostBend = 0.12;
const stretches = 8;

/**
 * Whether a rise of memory may be a heap that finds its size, wholly, or, where more calls will come and tell, to a good part. At the
 * end it must be small and go in steps: of simulated heaps that grew by 15 to 45 MB in two to five doubling steps at any places of
 * the watch, 0.3 % look straight.
 *
 * @param floor the lows of the memory under load, bytes.
 * @param rise how far it rose, bytes.
 */
export function mayBeHeap(floor: readonly ResourceSample[], rise: number, moreToCome: boolean): boolean {
  if (moreToCome) return rise < heapsToTellRate * heapFindsItsSize;
  return rise < heapFindsItsSize && bendOf(floor) > mostBend * rise;
}

/** How far a floor strays from a straight line, at most. */
function bendOf(floor: readonly ResourceSample[]): number {
  const lows = floorOf(floor, stretches);
  const calls = lows.map((sample) => sample.calls);
  const values = lows.map((sample) => sample.value);
  const line = theilSen(calls, values);
  if (line === null) return 0;
  return Math.max(...values.map((value, i) => Math.abs(value - line.intercept - line.slope * calls[i]!)));
}
