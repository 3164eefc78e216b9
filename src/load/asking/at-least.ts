import type { Clock } from '../../core/clock.js';

/**
 * Calls back once, not before `ms` milliseconds are over: Node's timers count from when the loop last looked at the clock, and
 * so come early after a busy turn. The return value cancels.
 */
export function afterAtLeast(clock: Clock, ms: number, callback: () => void): () => void {
  const dueMs = clock.now() + ms;
  let cancel = clock.after(ms, look);
  function look(): void {
    const left = dueMs - clock.now();
    if (left <= 0) callback();
    else cancel = clock.after(Math.max(left, 0.5), look);
  }
  return () => {
    cancel();
  };
}
