import type { LevelPoint } from './usl.js';

/** The knee of a closed load. */
export interface Knee {
  /** Calls in flight at which the best throughput meets the unloaded response time. */
  concurrency: number;
  /** The best throughput measured, calls/s, and the level it was measured at. */
  maxThroughput: number;
  atConcurrency: number;
  /** Response time with one call in flight, ms. */
  unloadedMs: number;
}

/**
 * The knee: X_max · R(1), the concurrency that Little's law gives for the best measured throughput at the unloaded response
 * time. Below it more calls in flight raise throughput, above it they only wait. Null without a throughput.
 *
 * Source: J. D. C. Little (1961); L. Kleinrock, "Power and deterministic rules of thumb" (1979).
 *
 * @param unloadedMs mean response time with one call in flight, ms.
 */
export function findKnee(points: readonly LevelPoint[], unloadedMs: number): Knee | null {
  let best: LevelPoint | undefined;
  for (const point of points) {
    if (best === undefined || point.throughput > best.throughput) best = point;
  }
  if (best === undefined || !(best.throughput > 0) || !(unloadedMs > 0)) return null;
  return {
    concurrency: Math.max(1, (best.throughput * unloadedMs) / 1000),
    maxThroughput: best.throughput,
    atConcurrency: best.concurrency,
    unloadedMs,
  };
}

/**
 * Levels worth measuring next to see the knee clearly: whole numbers around it that are not yet measured, nearest first, at
 * most `most`.
 */
export function refineLevels(measured: readonly number[], knee: number, most = 4): number[] {
  const known = new Set(measured);
  const proposed: number[] = [];
  for (const factor of [1, 0.75, 1.5, 0.5, 2, 1.25]) {
    const level = Math.max(1, Math.round(knee * factor));
    if (known.has(level)) continue;
    known.add(level);
    proposed.push(level);
  }
  return proposed.slice(0, most).sort((a, b) => a - b);
}
