import { availableParallelism } from 'node:os';

/** Beyond this many, starts only get in each other's way. */
const most = 8;

/**
 * So many processes are started beside each other: a start waits (for files, for the network) about as long as it computes,
 * so that two for each core keep the machine busy.
 */
export function processesAtOnce(cores = availableParallelism()): number {
  return Math.min(most, 2 * cores);
}
