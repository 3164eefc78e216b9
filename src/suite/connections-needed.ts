import type { Bench } from './bench.js';
import type { Needs } from './suite-test.js';

/** What so many calls in flight take of the machine: over HTTP a connection each, over stdio one pipe for all. */
export function connectionsNeeded(inFlight: number, bench: Bench): Needs {
  return bench.loadTarget.kind === 'stdio' ? { fds: 8 } : { fds: inFlight, ports: inFlight };
}
