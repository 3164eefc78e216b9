import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { endianness, networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { parseSocketTable, type ListeningSocket } from './linux/socket-table.js';
import { commandLineOf, hasProc, readProcessTable, type ProcessEntry } from './process-table.js';

/** Who listens on a port of this machine. */
export type Listener =
  /** `pids` are the roots: a server's main process, not the workers that share its socket. */
  | { kind: 'found'; pids: [number, ...number[]] }
  /** The process cannot be told; `reason` is a sentence. */
  | { kind: 'unknown'; reason: string };

/**
 * Finds the processes that listen on a port: through the socket's inode in `/proc/net/tcp{,6}` and `/proc/PID/fd` on
 * Linux, with `lsof` elsewhere.
 *
 * @param host a name or address; one that is not of this machine has no process here. Any address unless given.
 */
export async function findListener(port: number, host?: string): Promise<Listener> {
  const addresses = host === undefined ? undefined : await localAddresses(host);
  if (typeof addresses === 'string') return { kind: 'unknown', reason: addresses };
  return hasProc ? fromProc(port, addresses) : await fromLsof(port);
}

/** The pid that {@link findListener} finds first; undefined where it finds none. */
export async function findListeningPid(port: number, host?: string): Promise<number | undefined> {
  const listener = await findListener(port, host);
  return listener.kind === 'found' ? listener.pids[0] : undefined;
}

/** The addresses of a host if it is this machine, else a sentence. */
async function localAddresses(host: string): Promise<Set<string> | string> {
  const bare = host.replace(/^\[|\]$/g, '');
  const found = await lookup(bare, { all: true }).catch(() => []);
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((each) => each!.map(({ address }) => address)),
  );
  const isOwn = (address: string) =>
    address.startsWith('127.') ||
    address === '::1' ||
    address === '0.0.0.0' ||
    address === '::' ||
    own.has(address);
  const addresses = found.map(({ address }) => address.replace(/^::ffff:(?=\d+\.)/i, '')).filter(isOwn);
  return addresses.length > 0 ? new Set(addresses) : `${bare} is not this machine`;
}

async function fromProc(port: number, addresses: ReadonlySet<string> | undefined): Promise<Listener> {
  const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].map((path) =>
    readFile(path, 'latin1').catch(() => ''),
  );
  const sockets = (await Promise.all(tables))
    .flatMap((text) => parseSocketTable(text, endianness() === 'LE'))
    .filter((socket) => socket.port === port && listensOn(socket, addresses));
  if (sockets.length === 0) {
    return {
      kind: 'unknown',
      reason: `no process of this machine (or of this container) listens on port ${port}`,
    };
  }
  const table = readProcessTable();
  const holders = holdersOf(new Set(sockets.map((socket) => `socket:[${socket.inode}]`)), table);
  const roots = holders.filter((holder) => !holders.some((other) => isAncestor(other, holder, table)));
  const [first, ...rest] = roots;
  if (first === undefined) {
    const users = [...new Set(sockets.map((socket) => socket.uid))].join(', ');
    return {
      kind: 'unknown',
      reason: `the process that listens on port ${port} belongs to another user (uid ${users}) or another container`,
    };
  }
  if (/(^|\/)docker-proxy\s/.test(commandLineOf(first))) {
    return {
      kind: 'unknown',
      reason: `port ${port} is forwarded into a container by docker-proxy (${first.pid})`,
    };
  }
  return { kind: 'found', pids: [first.pid, ...rest.map((entry) => entry.pid)] };
}

function listensOn(socket: ListeningSocket, addresses: ReadonlySet<string> | undefined): boolean {
  return (
    addresses === undefined || ['0.0.0.0', '::'].includes(socket.address) || addresses.has(socket.address)
  );
}

function holdersOf(links: ReadonlySet<string>, table: readonly ProcessEntry[]): ProcessEntry[] {
  return table.filter(({ pid }) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`)));
    } catch {
      // Another user's process, or one that just ended.
      return false;
    }
  });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function isAncestor(above: ProcessEntry, below: ProcessEntry, table: readonly ProcessEntry[]): boolean {
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const seen = new Set<number>();
  for (let at = byPid.get(below.ppid); at !== undefined && !seen.has(at.pid); at = byPid.get(at.ppid)) {
    if (at.pid === above.pid) return true;
    seen.add(at.pid);
  }
  return false;
}

async function fromLsof(port: number): Promise<Listener> {
  try {
    const { stdout } = await promisify(execFile)('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']);
    const [first, ...rest] = stdout.trim().split(/\s+/).map(Number);
    if (first !== undefined && first > 0) return { kind: 'found', pids: [first, ...rest] };
    return { kind: 'unknown', reason: `no process that can be seen listens on port ${port}` };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return {
      kind: 'unknown',
      reason: missing
        ? 'finding a process by its port needs lsof on this system'
        : `no process that can be seen listens on port ${port}`,
    };
  }
}
