import { execFileSync } from 'node:child_process';
import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auxiliaryValue, kernelUnits } from './kernel-units.js';
import { parseStat } from './process-stat.js';
import { parseSocketTable } from './socket-table.js';

const vector = (words: [number, number][], wordBytes: 4 | 8) => {
  const bytes = Buffer.alloc(words.length * 2 * wordBytes);
  words.flat().forEach((word, i) => {
    const at = i * wordBytes;
    if (wordBytes === 4) bytes[endianness() === 'LE' ? 'writeUInt32LE' : 'writeUInt32BE'](word, at);
    else bytes[endianness() === 'LE' ? 'writeBigUInt64LE' : 'writeBigUInt64BE'](BigInt(word), at);
  });
  return bytes;
};

describe('the kernel units', () => {
  it.each([4, 8] as const)('are found in an auxiliary vector of %i-byte words', (wordBytes) => {
    const bytes = vector([[33, 7], [6, 16384], [17, 250], [0, 0], [6, 1]], wordBytes); // prettier-ignore
    expect(auxiliaryValue(bytes, 6, wordBytes)).toBe(16384);
    expect(auxiliaryValue(bytes, 17, wordBytes)).toBe(250);
    expect(auxiliaryValue(bytes, 99, wordBytes)).toBeUndefined();
    expect(auxiliaryValue(Buffer.alloc(3), 6, wordBytes)).toBeUndefined();
  });

  it('are those that getconf tells', () => {
    const told = (name: string) => Number(execFileSync('getconf', [name], { encoding: 'utf8' }));
    expect(kernelUnits()).toEqual({ ticksPerSecond: told('CLK_TCK'), pageBytes: told('PAGESIZE') });
  });
});

describe('a stat line', () => {
  const line = (name: string, fields: (string | number)[]) =>
    Buffer.from(`4711 (${name}) ${fields.join(' ')}\n`);
  const fields = [
    'S',
    12,
    4700,
    4600,
    34816,
    -1,
    4194304,
    1,
    2,
    3,
    4,
    100,
    20,
    7,
    3,
    20,
    0,
    11,
    0,
    987654,
    1e9,
    99,
  ];

  it('is read by the fields of proc_pid_stat(5)', () => {
    expect(parseStat(line('node', fields))).toEqual({
      pid: 4711,
      name: 'node',
      state: 'S',
      ppid: 12,
      pgid: 4700,
      sid: 4600,
      ownTicks: 120,
      waitedTicks: 10,
      threads: 11,
      startTicks: 987654,
    });
  });

  it('is read whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 15 }), (name) => {
        expect(parseStat(line(name, fields))).toMatchObject({ name, ppid: 12, startTicks: 987654 });
      }),
    );
    expect(parseStat(line(') R 1 (', fields))).toMatchObject({ name: ') R 1 (', state: 'S' });
  });

  it('is refused when it is cut or something else', () => {
    expect(parseStat(Buffer.from(''))).toBeUndefined();
    expect(parseStat(Buffer.from('no such thing'))).toBeUndefined();
    expect(parseStat(line('node', fields.slice(0, 12)))).toBeUndefined();
  });
});

describe('the socket table', () => {
  // From a Linux machine: 0.0.0.0:22 and 127.0.0.1:8080 listen, the third is an established connection.
  const ipv4 = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20912 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 31338 1 0000000000000000 20 4 30 10 -1
`;

  it('tells listening sockets with address, port, user and inode', () => {
    expect(parseSocketTable(ipv4)).toEqual([
      { address: '0.0.0.0', port: 22, uid: 0, inode: '20912' },
      { address: '127.0.0.1', port: 8080, uid: 1000, inode: '31337' },
    ]);
  });

  it('reads IPv6 addresses, IPv4 ones in them, and both byte orders', () => {
    const row = (address: string) => ` 0: ${address}:0050 0:0 0A 0:0 0:0 0 0 0 1 1`;
    const address = (text: string, littleEndian?: boolean) =>
      parseSocketTable(row(text), littleEndian)[0]?.address;
    expect(address('00000000000000000000000000000000')).toBe('::');
    expect(address('00000000000000000000000001000000')).toBe('::1');
    expect(address('0000000000000000FFFF00000100007F')).toBe('127.0.0.1');
    expect(address('B80D0120000000000000000001000000')).toBe('2001:db8::1');
    expect(address('7F000001', false)).toBe('127.0.0.1');
    expect(address('xyz')).toBeUndefined();
  });
});
