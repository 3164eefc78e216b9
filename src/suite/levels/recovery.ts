import { DynoError } from '../../core/errors.js';
import { formatDuration } from '../../core/units.js';
import { totalOf } from '../../load/index.js';
import type { TestContext } from '../suite-test.js';

/** So many calls, one after another, must come out ok. */
const calls = 3;
/** How long a target may take to answer again after more than it could carry, ms. */
export const mostRecoveryMs = 30_000;
/** Who takes longer is named, ms. */
const slowRecoveryMs = 1000;

/** How a target came back, or did not. */
export interface Recovery {
  /** The time it took until it answered again, ms; null when it did not in the time. */
  tookMs: number | null;
  /** How it ended meanwhile. */
  died: string | undefined;
}

/**
 * Waits until a target answers again that may have been asked for more than it carries: what it still has to do would else be
 * held against the next load.
 *
 * @param limitMs how long to wait at most.
 */
export async function recovery(context: TestContext, limitMs = mostRecoveryMs): Promise<Recovery> {
  const began = performance.now();
  const load = context.load(
    {
      executor: { kind: 'shared-iterations', vus: 1, iterations: calls, maxDurationMs: limitMs },
      warmup: { kind: 'none' },
      timeoutMs: limitMs,
      gracefulStopMs: 0,
    },
    'until it answers again',
  );
  try {
    const { report } = await load;
    const tookMs = totalOf(report).ok === calls ? performance.now() - began : null;
    return { tookMs, died: report.died };
  } catch (error) {
    // A connection that is not taken is no answer either.
    if (error instanceof DynoError) return { tookMs: null, died: undefined };
    throw error;
  }
}

/** What a reader must know of a recovery, as notes; nothing where it was quick. @param after such as `500 in flight`. */
export function recoveryNotes(after: string, { tookMs, died }: Recovery): string[] {
  if (died !== undefined || (tookMs !== null && tookMs <= slowRecoveryMs)) return [];
  return [
    tookMs === null
      ? `After ${after} the target did not answer single calls any more.`
      : `After ${after} it took ${formatDuration(tookMs)} until single calls were answered again.`,
  ];
}
