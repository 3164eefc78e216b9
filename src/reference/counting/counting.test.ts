import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSinks } from '../http-client.fixture.js';
import { FineHistogram } from './fine-histogram.js';
import { churn, FileHoard, Hoard } from './hoard.js';
import { Truth } from './truth.js';

describe('a fine histogram', () => {
  it('finds the nearest rank of any values, to half a bin', () => {
    const values = fc.array(fc.double({ min: 0, max: 9999, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (times, q) => {
        const histogram = new FineHistogram();
        for (const ms of times) histogram.record(ms);
        const exact = [...times].sort((a, b) => a - b)[Math.max(1, Math.ceil(q * times.length)) - 1]!;
        expect(Math.abs(histogram.quantile(q) - exact)).toBeLessThanOrEqual(0.05 + 1e-9);
        const published = histogram.publish();
        expect(published.bins.reduce((sum, [, count]) => sum + count, 0)).toBe(times.length);
        expect(published.minMs).toBe(Math.min(...times));
        expect(published.maxMs).toBe(Math.max(...times));
      }),
    );
  });

  it('puts what took longer than it reaches into its last bin', () => {
    const histogram = new FineHistogram();
    histogram.record(3_600_000);
    expect(histogram.publish()).toMatchObject({ count: 1, maxMs: 3_600_000, bins: [[100_000, 1]] });
    expect(new FineHistogram().publish()).toMatchObject({ count: 0, minMs: 0, maxMs: 0, p99Ms: 0, bins: [] });
  });
});

describe('a hoard', () => {
  it('keeps as many bytes as asked for', () => {
    const hoard = new Hoard();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 50_000; i++) hoard.keep(2000);
    expect(hoard.bytes).toBe(100_000_000);
    // What vitest read before may be collected meanwhile. That the bytes are resident is seen from outside of a server.
    expect(Math.abs(process.memoryUsage().arrayBuffers - before - 100e6)).toBeLessThan(20e6);
  });

  it('spans slabs', () => {
    const hoard = new Hoard();
    hoard.keep(1_000_000);
    hoard.keep(0);
    expect(hoard.bytes).toBe(1_000_000);
  });
});

it('a file hoard opens one file each time, and churning opens none', () => {
  const files = new FileHoard();
  const before = openSinks();
  for (let i = 0; i < 5; i++) files.keep();
  churn(200_000);
  expect(openSinks() - before).toBe(5);
  expect(files.count).toBe(5);
});

describe('the truth', () => {
  const truth = () => {
    const resets: string[] = [];
    const made = new Truth({
      inServiceMax: () => 3,
      waitingMax: () => 4,
      kept: () => ({ bytes: 0, fds: 0, sessionBytes: 0 }),
      onReset: () => resets.push('reset'),
    });
    return { made, resets };
  };

  it('adds up: outcomes, tools, and who was under way when a call arrived', () => {
    const { made } = truth();
    made.arrived('a', 'ok', false);
    made.arrived('b', 'rpc', true);
    made.answered(2, 3);
    made.arrived('a', 'hang', false);
    made.hung();
    made.arrived('a', 'ok', false);
    made.cancelled();
    made.gaveUp();
    expect(made.publish()).toMatchObject({
      calls: 4,
      answered: 1,
      cancelled: 1,
      slow: 1,
      outcomes: { ok: 2, rpc: 1, hang: 1 },
      tools: { a: 3, b: 1 },
      concurrency: {
        inFlight: 1,
        inFlightMax: 2,
        inServiceMax: 3,
        waitingMax: 4,
        atArrival: [
          [1, 1],
          [2, 3],
        ],
      },
      service: { count: 1, sumMs: 2 },
      residence: { count: 1, sumMs: 3 },
    });
  });

  it('forgets on reset all but what is still open', () => {
    const { made, resets } = truth();
    made.session('opened');
    made.session('opened');
    made.session('ended');
    made.connection('opened');
    made.arrived('a', 'ok', false);
    made.reset();
    made.session('ended');
    expect(resets).toEqual(['reset']);
    expect(made.publish()).toMatchObject({
      calls: 0,
      outcomes: {},
      sessions: { opened: 0, ended: 1, open: 0 },
      connections: { total: 0, open: 1, max: 1 },
      concurrency: { inFlight: 1, inFlightMax: 1, atArrival: [] },
    });
  });
});
