/** What `/proc/PID/stat` says (proc_pid_stat(5)); times in clock ticks. */
export interface ProcessStat {
  pid: number;
  /** The executable's name, at most 15 bytes. */
  name: string;
  /** R, S, D, T, I, Z (ended, not yet waited for), X. */
  state: string;
  ppid: number;
  pgid: number;
  sid: number;
  /** User and system time of the process itself, all threads. */
  ownTicks: number;
  /** The same of descendants that ended and were waited for. */
  waitedTicks: number;
  threads: number;
  /** Since boot; with the pid, it names a process for ever. */
  startTicks: number;
}

const space = 32;
const closing = 41;
const lineFeed = 10;

/** True when it ended and only waits to be waited for; the first of several threads may end before the others. */
export function isZombie(stat: { state: string; threads: number }): boolean {
  return stat.state === 'X' || (stat.state === 'Z' && stat.threads <= 1);
}

/** {@link ProcessStat} without what never changes or needs a string, for reading it often. */
export type StatCounters = Omit<ProcessStat, 'pid' | 'name' | 'state'> & { stateByte: number };

/**
 * Reads a stat line from the first `length` bytes. The name may hold spaces and parentheses, so the fields are counted
 * from the last closing one. Undefined for anything else than a stat line.
 */
export function parseStat(bytes: Buffer, length = bytes.length): ProcessStat | undefined {
  const counters = {} as StatCounters;
  const start = bytes.indexOf(40);
  if (start < 0 || !readCounters(bytes, length, counters)) return undefined;
  const { stateByte, ...rest } = counters;
  return {
    ...rest,
    pid: Number(bytes.toString('latin1', 0, start)),
    name: bytes.toString('utf8', start + 1, bytes.lastIndexOf(closing, length - 1)),
    state: String.fromCharCode(stateByte),
  };
}

/** {@link parseStat} into an object that is used again and again, without making strings; false if it is no stat line. */
export function readCounters(bytes: Buffer, length: number, into: StatCounters): boolean {
  const end = bytes.lastIndexOf(closing, length - 1);
  if (end < 0) return false;
  into.stateByte = bytes[end + 2]!;
  let field = 4;
  let value = 0;
  let time = 0;
  for (let at = end + 4; at < length; at++) {
    const byte = bytes[at]!;
    if (byte !== space && byte !== lineFeed) {
      // A minus sign spoils the value, but of the fields that are needed none is ever negative.
      value = value * 10 + (byte - 48);
      continue;
    }
    switch (field) {
      case 4:
        into.ppid = value;
        break;
      case 5:
        into.pgid = value;
        break;
      case 6:
        into.sid = value;
        break;
      case 14:
      case 16:
        time = value;
        break;
      case 15:
        into.ownTicks = time + value;
        break;
      case 17:
        into.waitedTicks = time + value;
        break;
      case 20:
        into.threads = value;
        break;
      case 22:
        into.startTicks = value;
        return true;
    }
    field++;
    value = 0;
  }
  return false;
}
