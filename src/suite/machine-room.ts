import { readdirSync, readFileSync } from 'node:fs';
import { figure } from './figure.js';
import type { Needs } from './suite-test.js';

/** What this process may still take; undefined where it cannot be told. */
export interface MachineRoom {
  memoryMb: number | undefined;
  /** File descriptors: the soft limit (`ulimit -n`) less those that are open. */
  fds: number | undefined;
  /** Local ports that outgoing connections may use. */
  ports: number | undefined;
}

/** Reads what is left. */
export function machineRoom(): MachineRoom {
  return { memoryMb: process.availableMemory() / 1e6, fds: freeDescriptors(), ports: localPorts() };
}

/** What a test needs and is not there, with the numbers, in a sentence; undefined where there is room. */
export function shortOf(needs: Needs, room: MachineRoom): string | undefined {
  const short = (needed: number | undefined, left: number | undefined) =>
    needed !== undefined && left !== undefined && needed > left;
  if (short(needs.fds, room.fds)) {
    return `needs ${figure(needs.fds!)} file descriptors, and ${figure(room.fds!)} are left (raise ulimit -n)`;
  }
  if (short(needs.memoryMb, room.memoryMb)) {
    const [needed, left] = [needs.memoryMb!, room.memoryMb!].map((mb) => figure(Math.round(mb)));
    return `needs ${needed!} MB of memory, and ${left!} MB are available`;
  }
  if (short(needs.ports, room.ports)) {
    return `needs ${figure(needs.ports!)} local ports, and there are ${figure(room.ports!)} (net.ipv4.ip_local_port_range)`;
  }
  return undefined;
}

function freeDescriptors(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    // One of those that are open was opened to look.
    return limit === undefined ? undefined : Number(limit) - (readdirSync('/proc/self/fd').length - 1);
  } catch {
    return undefined;
  }
}

function localPorts(): number | undefined {
  try {
    const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/);
    return Number(range[1]) - Number(range[0]) + 1;
  } catch {
    return undefined;
  }
}
