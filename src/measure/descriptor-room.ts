import { readdirSync, readFileSync } from 'node:fs';

/** File descriptors that are left for everything else: pipes, files, the closing of connections. */
const reserve = 48;
/** Looking costs more the more are open. */
const lookEvery = 8;

/**
 * Watches whether one more connection fits into the file descriptors of this process.
 *
 * @param read limit and use; undefined where the system does not tell.
 * @returns a function that tells, for so many connections held, why there is no room; undefined where there is.
 */
export function descriptorRoom(
  read: () => { limit: number; open: number } | undefined = readDescriptors,
): (held: number) => string | undefined {
  return (held) => {
    if (held % lookEvery !== 0) return undefined;
    const descriptors = read();
    if (descriptors === undefined) return undefined;
    const { limit, open } = descriptors;
    return limit - open > reserve + lookEvery
      ? undefined
      : `${open} of ${limit} file descriptors are open; raise ulimit -n`;
  };
}

/** proc(5); the soft limit, which Node raises to the hard one when it starts. */
function readDescriptors(): { limit: number; open: number } | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return limit === undefined
      ? undefined
      : { limit: Number(limit), open: readdirSync('/proc/self/fd').length };
  } catch {
    return undefined;
  }
}
