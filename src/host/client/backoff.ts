import type { Random } from '../../core/random.js';

/** How long to wait between attempts; times in milliseconds. */
export interface BackoffOptions {
  /** After the first failure; 250. */
  firstMs: number;
  /** At most; 30,000. */
  maxMs: number;
}

/** The defaults of {@link BackoffOptions}. */
export const backoffDefaults: BackoffOptions = { firstMs: 250, maxMs: 30_000 };

/**
 * The wait before the attempt that follows `failures` failures: doubled each time, and between half and all of it by
 * chance, so that many clients of one server do not come back at once.
 */
export function backoffMs(
  failures: number,
  random: Random,
  options: BackoffOptions = backoffDefaults,
): number {
  const full = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random.next() / 2);
}
