import { totalOf } from '../../load/index.js';
import type { TestContext } from '../suite-test.js';

/** So many calls, one after another, must come out ok. */
const calls = 3;

/** How a target came back, or did not. */
export interface Recovery {
  /** The time it took until it answered again, ms; null when it did not in the time. */
  tookMs: number | null;
  /** How it ended meanwhile. */
  died: string | undefined;
}

/**
 * Waits until a target answers again that was asked for more than it carries: what it still has to do would else be held
 * against the next rate.
 *
 * @param limitMs how long to wait at most.
 */
export async function recovery(context: TestContext, limitMs: number): Promise<Recovery> {
  const began = performance.now();
  const { report } = await context.load(
    {
      executor: { kind: 'shared-iterations', vus: 1, iterations: calls, maxDurationMs: limitMs },
      warmup: { kind: 'none' },
      timeoutMs: limitMs,
      gracefulStopMs: 0,
    },
    'until it answers again',
  );
  const tookMs = totalOf(report).ok === calls ? performance.now() - began : null;
  return { tookMs, died: report.died };
}
