import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { bucketCount, highestUs, highestUsOf, Histogram, indexOfUs, lowestUsOf } from './index.js';

const durations = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: highestUs })).map((us) => us / 1000),
  { maxLength: 60 },
);
const filled = (values: number[]) => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

describe('the layout', () => {
  it('puts every value into a bucket that holds it, no wider than a thousandth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: highestUs }), (us) => {
        const index = indexOfUs(us);
        expect(index).toBeLessThan(bucketCount);
        expect(lowestUsOf(index)).toBeLessThanOrEqual(us);
        expect(highestUsOf(index)).toBeGreaterThanOrEqual(us);
        expect(highestUsOf(index) - lowestUsOf(index)).toBeLessThanOrEqual(us / 1000);
      }),
    );
  });
});

describe('Histogram', () => {
  it('agrees with HdrHistogram on quantiles, mean and encoding', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const ours = filled(values);
        const reference = build({
          lowestDiscernibleValue: 1,
          highestTrackableValue: highestUs,
          numberOfSignificantValueDigits: 3,
        });
        for (const value of values) reference.recordValue(Math.round(value * 1000));
        const decoded = decodeFromCompressedBase64(ours.toBase64());
        expect(decoded.totalCount).toBe(values.length);
        const travelled = decodeFromCompressedBase64(encodeIntoCompressedBase64(reference));
        expect(decoded.outputPercentileDistribution()).toBe(travelled.outputPercentileDistribution());
        if (values.length === 0) {
          expect(ours.quantile(q)).toBeNull();
          return;
        }
        expect(ours.quantile(0.5)! * 1000).toBeCloseTo(reference.getValueAtPercentile(50), 3);
        expect(ours.quantile(1)! * 1000).toBeCloseTo(travelled.maxValue, 3);
        const sorted = values.map((value) => Math.round(value * 1000)).sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)]!;
        expect(ours.quantile(q)! * 1000).toBeCloseTo(highestUsOf(indexOfUs(exact)), 3);
        // Both means are of bucket middles, which are within 0.05 % of the values.
        expect(Math.abs(ours.mean()! * 1000 - reference.mean)).toBeLessThanOrEqual(reference.mean / 1000);
      }),
    );
  });

  it('adds up in any order, encoded or not', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const together = filled([...a, ...b]).toBase64();
        const one = filled(a);
        one.add(filled(b));
        const other = Histogram.fromBase64(filled(b).toBase64());
        other.addEncoded(filled(a).encode());
        expect(one.toBase64()).toBe(together);
        expect(other.toBase64()).toBe(together);
      }),
    );
  });

  it('encodes into memory of its own, and no more than it needs', () => {
    const bytes = filled([1, 5000, 9000]).encode();
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
    expect(bytes.byteLength).toBeLessThan(80);
  });

  it('is as new when it has been cleared', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const histogram = filled(a);
        histogram.clear();
        histogram.addEncoded(filled(b).encode());
        expect(histogram.toBase64()).toBe(filled(b).toBase64());
        expect(histogram.count).toBe(b.length);
      }),
    );
  });

  it('keeps counts beyond 32 bits', () => {
    const histogram = new Histogram();
    histogram.record(1, 2 ** 40 + 1);
    expect(Histogram.fromBase64(histogram.toBase64()).count).toBe(2 ** 40 + 1);
  });

  it('refuses what is no such histogram', () => {
    for (const text of ['', 'AAAA', Buffer.from('hello histogram').toString('base64')]) {
      expect(() => Histogram.fromBase64(text)).toThrow(RangeError);
    }
    const cut = Buffer.from(filled([1, 2, 3]).toBase64(), 'base64')
      .subarray(0, -4)
      .toString('base64');
    expect(() => Histogram.fromBase64(cut)).toThrow(RangeError);
  });
});
