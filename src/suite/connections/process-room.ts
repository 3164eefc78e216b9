import { formatBytes } from '../../core/units.js';

/** Memory that is never taken from the machine, bytes. */
const reserve = 300e6;

/**
 * Watches whether one more process fits into memory, by what those so far took.
 *
 * @param available bytes that can be taken without swapping.
 * @returns a function that tells, for so many processes held, why there is no room; undefined where there is.
 */
export function processRoom(
  available: () => number = () => process.availableMemory(),
): (held: number) => string | undefined {
  const atFirst = available();
  return (held) => {
    const now = available();
    const each = held === 0 ? 0 : Math.max(0, atFirst - now) / held;
    const room = now - each >= reserve;
    return room
      ? undefined
      : `only ${formatBytes(now)} of memory are left, and each process took about ${formatBytes(each)}`;
  };
}
