import { seededRandom } from '../../core/index.js';

/** A server that scales by the Universal Scalability Law, with noise of its own. */
export interface Scalability {
  /** Throughput of one call in flight, calls/s. */
  lambda: number;
  /** Contention, 0…1. */
  sigma: number;
  /** Coherency, at least 0. */
  kappa: number;
  /** Standard deviation of the throughput from the law, as a share of it. */
  noise: number;
}

/**
 * What a call takes with so many in flight (itself included) for N closed clients to see the law's throughput: N / X(N), ms.
 * The noise is the same for neighbouring numbers, so that a level keeps it however long it is measured.
 */
export function scaledServiceMs(
  { lambda, sigma, kappa, noise }: Scalability,
  n: number,
  seed: number,
): number {
  const exact = (1000 * (1 + sigma * (n - 1) + kappa * n * (n - 1))) / lambda;
  if (noise === 0) return exact;
  const level = Math.round(6 * Math.log(n));
  return exact / (1 + seededRandom(`${seed}/scalability/${level}`).normal(0, noise));
}
