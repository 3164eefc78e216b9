import { readProcText } from './linux/proc-file.js';

/**
 * CPU time of the calling thread since it started, ms, to the nanosecond: `/proc/thread-self/schedstat` on Linux. Null
 * elsewhere (Node has `process.threadCpuUsage` only from 22.19 on, and not in 20).
 */
export function threadCpuMs(): number | null {
  const nanoseconds = Number.parseInt(readProcText('/proc/thread-self/schedstat') ?? '', 10);
  return Number.isNaN(nanoseconds) ? null : nanoseconds / 1e6;
}
