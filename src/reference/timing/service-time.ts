import type { Random } from '../../core/index.js';

/** How service times are spread; times in milliseconds, the mean is the knob `--service-time`. */
export type ServiceDistribution =
  | { kind: 'constant' }
  /** Even between mean · (1 − spread) and mean · (1 + spread). */
  | { kind: 'uniform'; spread: number }
  | { kind: 'exponential' }
  /** `sigma` is the standard deviation of the logarithm; the mean is kept. */
  | { kind: 'lognormal'; sigma: number }
  /** This share of the calls takes `ms` instead. */
  | { kind: 'bimodal'; share: number; ms: number };

/** Draws service times in milliseconds. */
export function drawServiceTime(distribution: ServiceDistribution, meanMs: number, random: Random): number {
  switch (distribution.kind) {
    case 'constant':
      return meanMs;
    case 'uniform':
      return meanMs * (1 + distribution.spread * (2 * random.next() - 1));
    case 'exponential':
      return random.exponential(meanMs);
    case 'lognormal': {
      // E[exp(N(µ, σ²))] = exp(µ + σ²/2)
      const { sigma } = distribution;
      return meanMs * Math.exp(random.normal(-(sigma ** 2) / 2, sigma));
    }
    case 'bimodal':
      return random.next() < distribution.share ? distribution.ms : meanMs;
  }
}
