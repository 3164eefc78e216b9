/** A listening TCP socket, from `/proc/net/tcp` or `/proc/net/tcp6`. */
export interface ListeningSocket {
  /** Its IP address as text; `0.0.0.0` and `::` listen on all. */
  address: string;
  port: number;
  /** The user that opened it. */
  uid: number;
  inode: string;
}

const listening = '0A';

/** The listening sockets of a table (`/proc/net/tcp` or `tcp6`, Documentation/networking/proc_net_tcp). */
export function parseSocketTable(text: string, littleEndian = true): ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const local = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(columns[1] ?? '');
    if (!local || columns[3] !== listening || columns[9] === undefined) return [];
    return [
      {
        address: addressOf(local[1]!, littleEndian),
        port: Number.parseInt(local[2]!, 16),
        uid: Number(columns[7]),
        inode: columns[9],
      },
    ];
  });
}

/** The connected sockets of a table, with the address and port of the other end. */
export function parsePeers(text: string, littleEndian = true): { inode: string; peer: string }[] {
  return text.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const remote = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(columns[2] ?? '');
    if (!remote || columns[3] === listening || columns[9] === undefined) return [];
    const address = addressOf(remote[1]!, littleEndian);
    const host = address.includes(':') ? `[${address}]` : address;
    return [{ inode: columns[9], peer: `${host}:${Number.parseInt(remote[2]!, 16)}` }];
  });
}

/** The table prints addresses as 32-bit words in the machine's byte order. */
function addressOf(hex: string, littleEndian: boolean): string {
  const bytes = Buffer.from(hex, 'hex');
  if (littleEndian) bytes.swap32();
  if (bytes.length === 4) return [...bytes].join('.');
  if (bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff) {
    return [...bytes.subarray(12)].join('.');
  }
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}
