import { deflateSync, inflateSync } from 'node:zlib';
import { bucketCount, highestUs, lowestUs, significantDigits } from './layout.js';

const cookieV2 = 0x1c849303 | 0x10;
const compressedCookieV2 = 0x1c849304 | 0x10;
const headBytes = 40;

/** Counts by bucket, of which only `[first, last]` can be above zero. */
export interface BucketCounts {
  counts: ArrayLike<number>;
  /** -1 and -1 for an empty histogram. */
  first: number;
  last: number;
}

/** Encodings are written here first: how long one becomes is known only at its end. */
let scratch = Buffer.allocUnsafeSlow(0);

/**
 * The HdrHistogram V2 encoding (zigzag LEB128 counts, runs of zeros as negative numbers), not compressed. The bytes own
 * their memory and no more: many are kept, and sent between threads, where a view would take all that is behind it along.
 */
export function encodeV2({ counts, first, last }: BucketCounts): Uint8Array {
  const most = headBytes + 9 * (last - Math.max(first, 0) + 3);
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most);
  const bytes = scratch;
  let at = headBytes;
  const put = (value: number) => {
    // zigzag by arithmetic: counts may be beyond 32 bits.
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    for (let i = 0; i < 8 && rest > 127; i++) {
      bytes[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    bytes[at++] = rest;
  };
  if (first > 0) put(-first);
  for (let i = Math.max(first, 0); i <= last;) {
    const count = counts[i]!;
    if (count !== 0) {
      put(count);
      i++;
      continue;
    }
    const from = i;
    while (i <= last && counts[i] === 0) i++;
    put(from - i);
  }
  bytes.writeInt32BE(cookieV2, 0);
  bytes.writeInt32BE(at - headBytes, 4);
  bytes.writeInt32BE(0, 8);
  bytes.writeInt32BE(significantDigits, 12);
  bytes.writeBigInt64BE(BigInt(lowestUs), 16);
  bytes.writeBigInt64BE(BigInt(highestUs), 24);
  bytes.writeDoubleBE(1, 32);
  return new Uint8Array(bytes.subarray(0, at));
}

/** Calls back for every bucket above zero of an encoding made by {@link encodeV2}. @throws RangeError on other bytes. */
export function decodeV2(bytes: Uint8Array, onBucket: (index: number, count: number) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sameLayout =
    bytes.byteLength >= headBytes &&
    view.getInt32(0) === cookieV2 &&
    view.getInt32(12) === significantDigits &&
    view.getBigInt64(16) === BigInt(lowestUs);
  if (!sameLayout) throw new RangeError('Expected a V2 HDR histogram of 1 µs to 1 h with 3 digits');
  const end = Math.min(bytes.byteLength, headBytes + view.getInt32(4));
  let index = 0;
  for (let at = headBytes; at < end;) {
    let raw = 0;
    let scale = 1;
    for (let i = 0; ; i++) {
      if (at >= end) throw new RangeError('Expected an HDR histogram, got one that is cut off');
      const byte = bytes[at++]!;
      raw += (i < 8 ? byte & 127 : byte) * scale;
      if (byte < 128 || i === 8) break;
      scale *= 128;
    }
    const value = raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    if (value < 0) index -= value;
    else {
      if (index >= bucketCount) throw new RangeError('Expected an HDR histogram with values up to 1 h');
      if (value > 0) onBucket(index, value);
      index++;
    }
  }
}

/** The compressed V2 encoding in base64, as HdrHistogram logs and the RunResult hold it. */
export function encodeBase64(histogram: BucketCounts): string {
  const body = deflateSync(encodeV2(histogram));
  const head = Buffer.allocUnsafe(8);
  head.writeInt32BE(compressedCookieV2, 0);
  head.writeInt32BE(body.length, 4);
  return Buffer.concat([head, body]).toString('base64');
}

/** Undoes {@link encodeBase64} into the plain V2 encoding. @throws RangeError on anything else. */
export function inflateBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 8 || bytes.readInt32BE(0) !== compressedCookieV2) {
    throw new RangeError('Expected a compressed V2 HDR histogram in base64');
  }
  try {
    return inflateSync(bytes.subarray(8), { maxOutputLength: 16 * 1024 * 1024 });
  } catch (cause) {
    throw new RangeError('Expected a compressed V2 HDR histogram in base64', { cause });
  }
}
