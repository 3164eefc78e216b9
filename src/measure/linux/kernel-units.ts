import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** The units that the kernel counts in. */
export interface KernelUnits {
  /** Clock ticks a second, of CPU times in `/proc/PID/stat`. */
  ticksPerSecond: number;
  /** Bytes a page, of sizes in `/proc/PID/statm`. */
  pageBytes: number;
}

// Keys of the auxiliary vector, getauxval(3).
const atPageSize = 6;
const atTicks = 17;

let known: KernelUnits | undefined;

/** {@link KernelUnits} of this machine: from the auxiliary vector, else `getconf`, else Linux's usual 100 and 4096. */
export function kernelUnits(): KernelUnits {
  known ??= {
    ticksPerSecond: fromVector(atTicks) ?? fromGetconf('CLK_TCK') ?? 100,
    pageBytes: fromVector(atPageSize) ?? fromGetconf('PAGESIZE') ?? 4096,
  };
  return known;
}

function fromVector(key: number): number | undefined {
  try {
    return auxiliaryValue(readFileSync('/proc/self/auxv'), key);
  } catch {
    return undefined;
  }
}

/** The value under a key of an auxiliary vector: pairs of machine words, ended by a zero key. */
export function auxiliaryValue(
  vector: Buffer,
  key: number,
  wordBytes: 4 | 8 = ['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch) ? 4 : 8,
): number | undefined {
  const word = (at: number) => {
    if (wordBytes === 4) return endianness() === 'LE' ? vector.readUInt32LE(at) : vector.readUInt32BE(at);
    return Number(endianness() === 'LE' ? vector.readBigUInt64LE(at) : vector.readBigUInt64BE(at));
  };
  for (let at = 0; at + 2 * wordBytes <= vector.length; at += 2 * wordBytes) {
    const found = word(at);
    if (found === 0) return undefined;
    if (found === key) return word(at + wordBytes);
  }
  return undefined;
}

function fromGetconf(name: string): number | undefined {
  try {
    const value = Number(
      execFileSync('getconf', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    return Number.isInteger(value) && value > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
