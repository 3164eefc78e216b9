import { didYouMean, parseDuration, parseSize, printableLine, usageError } from '../../core/index.js';
import { distributions, type Cut, type Distribution } from './conditions.js';

/** Longest time that makes sense in a network, ms: a minute one way. */
const longestDelayMs = 60_000;
const dayMs = 24 * 3_600_000;

function refuse(what: string, expected: string, text: string): Error {
  return usageError(`Expected ${what} to be ${expected}, got '${printableLine(text, 60)}'`);
}

/** A time from 0 to `maxMs`, ms. @throws DynoError (104) that names `what`. */
export function readTime(text: string, what: string, maxMs = longestDelayMs): number {
  const value = /^\s*0\s*$/.test(text) ? 0 : parseDuration(text, what);
  if (value > maxMs) throw refuse(what, `a time of at most ${maxMs / 1000}s`, text);
  return value;
}

/** A time within a day, ms. @throws DynoError (104). */
export const readLongTime = (text: string, what: string): number => readTime(text, what, dayMs);

/** A share: `2%` or `0.02`. @throws DynoError (104). */
export function readShare(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)(\s*%)?$/.exec(text.trim());
  const value = match ? Number(match[1]) / (match[2] === undefined ? 1 : 100) : NaN;
  if (!(value >= 0 && value <= 1)) throw refuse(what, 'a share such as 2% or 0.02', text);
  return value;
}

/**
 * Bytes per second: `10mbit`, `256kbit`, `1gbit` (bits), `125kB`, `1MB` (bytes); 0 for no limit.
 *
 * @throws DynoError (104): no rate, or outside of 1 kbit/s … 100 Gbit/s.
 */
export function readRate(text: string, what: string): number {
  const trimmed = text.trim().replace(/\/s$|ps$/i, '');
  if (trimmed === '0') return 0;
  const bits = /^(\d+(?:\.\d+)?)\s*([kmg]?)bit$/i.exec(trimmed);
  const bytes = /^(\d+(?:\.\d+)?)\s*([kKmMgG]?)B$/.exec(trimmed);
  const match = bits ?? bytes;
  const factor = { '': 1, k: 1e3, m: 1e6, g: 1e9 }[match?.[2]?.toLowerCase() ?? ''] ?? NaN;
  const value = match ? (Number(match[1]) * factor) / (bits ? 8 : 1) : NaN;
  if (!(value >= 125 && value <= 12.5e9)) {
    throw refuse(what, 'a rate from 1kbit to 100gbit, such as 10mbit (bits) or 1MB (bytes) per second', text);
  }
  return value;
}

/** A number of bytes of at least one, or 0 for none. @throws DynoError (104). */
export function readBytes(text: string, what: string): number {
  const value = parseSize(text, what);
  if (value > Number.MAX_SAFE_INTEGER) throw refuse(what, 'a size that can be counted', text);
  return value;
}

/** `SHARE:TIME`, such as `2%:200ms`. @throws DynoError (104). */
export function readStall(text: string, what: string): { share: number; ms: number } {
  if (text.trim() === '0') return { share: 0, ms: 0 };
  const [share, time, ...more] = text.split(':');
  if (time === undefined || more.length > 0) throw refuse(what, 'SHARE:TIME such as 2%:200ms', text);
  return { share: readShare(share!, `the share of ${what}`), ms: readTime(time, `the time of ${what}`) };
}

/** `BYTES[:GAP]`, such as `100` or `100:5ms`. @throws DynoError (104). */
export function readSlice(text: string, what: string): { bytes: number; gapMs: number } {
  const [bytes, gap, ...more] = text.split(':');
  if (more.length > 0) throw refuse(what, 'BYTES or BYTES:GAP such as 100:5ms', text);
  const size = readBytes(bytes!, what);
  return { bytes: size, gapMs: gap === undefined ? 0 : readTime(gap, `the gap of ${what}`) };
}

/** @throws DynoError (104) with the nearest name. */
export function readDistribution(text: string, what: string): Distribution {
  const found = distributions.find((one) => one === text.trim());
  if (found !== undefined) return found;
  throw usageError(
    `Expected ${what} to be one of ${distributions.join(', ')}, got '${printableLine(text, 60)}'`,
    didYouMean(text, distributions),
  );
}

/** Cuts, separated by commas: `3s@10s` (for 3 s, 10 s from the start), `3s@10s/30s` (again every 30 s), `hold:3s@10s`. @throws DynoError (104). */
export function readCuts(text: string, what: string): Cut[] {
  if (text.trim() === '0') return [];
  return text.split(',').map((one) => {
    const match = /^\s*(?:(reset|hold):)?([^@/:]+)@([^@/:]+)(?:\/([^@/:]+))?\s*$/.exec(one);
    if (!match) throw refuse(what, 'FOR@AT[/EVERY] such as 3s@10s or hold:3s@10s/30s', text);
    const cut: Cut = {
      kind: match[1] === 'hold' ? 'hold' : 'reset',
      forMs: readLongTime(match[2]!, `the length of ${what}`),
      atMs: readLongTime(match[3]!, `the beginning of ${what}`),
      everyMs: match[4] === undefined ? 0 : readLongTime(match[4], `the period of ${what}`),
    };
    if (cut.forMs === 0) throw refuse(what, 'longer than nothing', text);
    if (match[4] !== undefined && cut.everyMs <= cut.forMs) {
      throw refuse(what, 'over before it comes again', text);
    }
    return cut;
  });
}
