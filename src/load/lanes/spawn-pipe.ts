import { NetworkPipe } from '../../network/stream/network-pipe.js';
import { spawnChild } from '../../target/index.js';
import type { LoadTarget } from '../load-target.js';
import type { ServerPipe } from './stdio-source.js';

/** Starts a stdio target for the load. */
export async function spawnPipe(target: Extract<LoadTarget, { kind: 'stdio' }>): Promise<ServerPipe> {
  const child = await spawnChild(target);
  if (target.network === undefined) return child;
  const network = new NetworkPipe(child, target.network);
  return {
    pid: child.pid,
    stdin: network.stdin,
    stdout: network.stdout,
    exited: child.exited,
    stderrTail: () => child.stderrTail(),
    stop: () => {
      network.stop();
      return child.stop();
    },
  };
}
