import { BroadcastChannel } from 'node:worker_threads';
import { NetworkPipe } from '../../network/stream/network-pipe.js';
import { spawnChild } from '../../target/index.js';
import type { LoadTarget } from '../load-target.js';
import type { ServerPipe } from './stdio-source.js';

/** Starts a stdio target for the load. */
export async function spawnPipe(target: Extract<LoadTarget, { kind: 'stdio' }>): Promise<ServerPipe> {
  const child = await spawnChild(target);
  if (target.network === undefined) return child;
  const network = new NetworkPipe(child, target.network);
  const control = controlOf(network, target.network.control);
  return {
    pid: child.pid,
    stdin: network.stdin,
    stdout: network.stdout,
    exited: child.exited,
    stderrTail: () => child.stderrTail(),
    stop: () => {
      control?.close();
      network.stop();
      return child.stop();
    },
  };
}

function controlOf(network: NetworkPipe, name: string | undefined): BroadcastChannel | undefined {
  if (name === undefined) return undefined;
  const channel = new BroadcastChannel(name);
  channel.unref();
  channel.onmessage = (message: { data: { cutMs: number } }) => {
    network.cut(message.data.cutMs);
  };
  return channel;
}
