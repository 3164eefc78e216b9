import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../report/index.js';
import { frameLines } from './frame.js';
import { plainLine } from './plain-line.js';
import { liveSnapshot } from './snapshot.fixture.js';

describe('a frame of the live view', () => {
  it('shows load, latencies of late and of all, shapes, target, thresholds and errors within 80×24', () => {
    const lines = frameLines(liveSnapshot(), { columns: 80, rows: 24, colours: false });
    const text = lines.join('\n');
    expect(lines[0]).toMatch(/▸ throughput-under-load 3\/15 {3}█+░+ {2}5\.1 s of 8 s/);
    expect(text).toContain('offered 3,000/s   achieved 2,914/s   in flight 10   dropped 0');
    expect(text).toContain('10 s  p50 3.1     p90 4.4     p99 9.8     max 31 ms');
    expect(text).toMatch(/all {3}p50 3 +p90 4\.2 +p99 9\.1/);
    expect(text).toMatch(/rate [▁-█]{5} {3}p99 [▁-█ ]{5}/);
    expect(text).toContain('target cpu 98 % of a core   rss 143 MB +0.9 MB/s');
    // What fails comes before what passes.
    expect(text).toMatch(/✗ PERF_MIN_THROUGHPUT ✓ latency\.p95 < 200 ms/);
    expect(text).toContain('4 × tool: customer_id unknown');
  });

  it('is narrower than any terminal and leaves a row free', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.string({ unit: 'grapheme', maxLength: 100 }),
        fc.array(fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })), { maxLength: 700 }),
        fc.boolean(),
        (columns, rows, name, p99, colours) => {
          const snapshot = liveSnapshot({
            test: name,
            phase: name,
            series: { rate: p99.map((value) => value ?? 0), p99 },
            topErrors: [{ class: 'rpc', message: name, count: 3 }],
            thresholds: [{ name, status: 'inconclusive' }],
          });
          const lines = frameLines(snapshot, { columns, rows, colours });
          expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
          for (const line of lines) {
            // eslint-disable-next-line no-control-regex
            const text = line.replace(/\u001b\[\d+m/g, '');
            expect(displayWidth(text)).toBeLessThan(Math.max(2, columns));
            // eslint-disable-next-line no-control-regex
            expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          }
        },
      ),
    );
  });

  it('says what is not known instead of a number', () => {
    const empty = { p50: null, p90: null, p99: null, max: null };
    const snapshot = liveSnapshot({ recent: empty, total: empty });
    delete snapshot.offered;
    delete snapshot.target;
    const text = frameLines(snapshot, { columns: 80, rows: 24, colours: false }).join('\n');
    expect(text).toContain('offered –');
    expect(text).toContain('p50 –');
    expect(text).not.toContain('target');
    expect(text).not.toMatch(/NaN|undefined|null/);
  });
});

describe('a plain line', () => {
  it('says the same in one line without escapes', () => {
    expect(plainLine(liveSnapshot())).toBe(
      'throughput-under-load (20 in flight)  5 s of 8 s  14,861 calls  2,914/s of 3,000/s  10 in flight  ' +
        'p50 3 ms  p99 9.1 ms  4 failed',
    );
  });

  it('tells the parts of the first second', () => {
    expect(plainLine({ ...liveSnapshot(), elapsedMs: 420 })).toContain('  400 ms of 8 s  ');
  });
});
