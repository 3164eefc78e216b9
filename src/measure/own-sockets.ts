import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';
import { parsePeers } from './linux/socket-table.js';
import { hasProc } from './process-table.js';

/**
 * The TCP connections that this process holds, all of its threads together: by inode, with the other end's address.
 * Undefined where it cannot be told (elsewhere than on Linux).
 */
export function ownConnections(): ReadonlyMap<string, string> | undefined {
  if (!hasProc) return undefined;
  const held = new Set(
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
      } catch {
        // The descriptor that the directory was read by.
        return [];
      }
    }),
  );
  const peers = ['tcp', 'tcp6'].flatMap((table) => {
    try {
      return parsePeers(readFileSync(`/proc/self/net/${table}`, 'latin1'), endianness() === 'LE');
    } catch {
      return [];
    }
  });
  return new Map(peers.filter(({ inode }) => held.has(inode)).map(({ inode, peer }) => [inode, peer]));
}
