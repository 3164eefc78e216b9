import type { Clock } from '../../core/clock.js';

/** The longest that Node's timers can wait, ms (24.8 days); they fire at once where more is asked. */
export const longestTimer = 2 ** 31 - 1;

/** `clock.after`, where a wait too long for a timer, such as Infinity, means never. */
export function afterAtMost(clock: Clock, ms: number, callback: () => void): () => void {
  return ms <= longestTimer ? clock.after(ms, callback) : () => undefined;
}
