import { medianDeviation } from './moments.js';
import { theilSen } from './theil-sen.js';

/** One look at a resource of the target. */
export interface ResourceSample {
  /** Seconds on any steady clock. */
  t: number;
  /** Calls (or sessions opened and closed) done by then. */
  calls: number;
  /** Bytes, or a count. */
  value: number;
}

/**
 * The lowest sample of each of `windows` equal stretches. Memory saw-tooths with garbage collection: what is kept shows
 * in the low points, not in the peaks.
 */
export function floorOf(samples: readonly ResourceSample[], windows: number): ResourceSample[] {
  const lows: ResourceSample[] = [];
  for (let window = 0; window < windows; window++) {
    const start = Math.floor((window * samples.length) / windows);
    const end = Math.floor(((window + 1) * samples.length) / windows);
    let low: ResourceSample | undefined;
    for (const sample of samples.slice(start, end)) {
      if (low === undefined || sample.value < low.value) low = sample;
    }
    if (low) lows.push(low);
  }
  return lows;
}

/** The scatter of a floor around its own straight line: 1.4826 times the median absolute residual. */
export function floorNoise(floor: readonly ResourceSample[]): number {
  const x = floor.map((_, i) => i);
  const y = floor.map((sample) => sample.value);
  const line = theilSen(x, y);
  return line === null ? 0 : medianDeviation(y.map((value, i) => value - line.slope * x[i]!));
}
