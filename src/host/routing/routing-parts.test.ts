import { describe, expect, it } from 'vitest';
import { WireError } from '../../protocol/index.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { verdictOf } from './health.js';
import { LatencyWindow } from './latency-window.js';
import { PeakEwma } from './peak-ewma.js';
import { hashText, rendezvousWeight } from './rendezvous.js';
import { RetryBudget } from './retry-budget.js';

describe('peak-EWMA', () => {
  it('rises at once and falls by the time that has passed', () => {
    const ewma = new PeakEwma(10_000, 0);
    // The middle of the first five.
    for (const first of [300, 10, 9, 11, 12]) ewma.observe(first, 0);
    expect(ewma.value(0)).toBe(11);
    ewma.observe(500, 1000);
    expect(ewma.value(1000)).toBe(500);
    // After one decay time, 1/e of the value is left while nothing is observed.
    expect(ewma.value(11_000)).toBeCloseTo(500 / Math.E, 9);
    ewma.observe(10, 11_000);
    expect(ewma.value(11_000)).toBeCloseTo(500 / Math.E + 10 * (1 - 1 / Math.E), 9);
  });
});

describe('rendezvous hashing', () => {
  it('spreads keys evenly, and moves only the keys of the replica that goes', () => {
    const replicas = ['a', 'b', 'c', 'd'].map((name) => ({ name, hash: hashText(name) }));
    const pick = (key: string, among: typeof replicas) =>
      among.reduce((best, one) =>
        rendezvousWeight(hashText(key), one.hash) > rendezvousWeight(hashText(key), best.hash) ? one : best,
      ).name;
    const keys = Array.from({ length: 4000 }, (_, i) => `session-${i}`);
    for (const { name } of replicas) {
      const own = keys.filter((key) => pick(key, replicas) === name).length;
      // Binomial(4000, 1/4): standard deviation 27; five of them.
      expect(Math.abs(own - 1000)).toBeLessThan(137);
    }
    const left = replicas.filter(({ name }) => name !== 'b');
    for (const key of keys) {
      const before = pick(key, replicas);
      if (before !== 'b') expect(pick(key, left)).toBe(before);
    }
  });
});

describe('a retry budget', () => {
  it('allows a fifth of the calls in flight, and three at least', () => {
    const budget = new RetryBudget();
    expect([1, 2, 3, 4].map(() => budget.extra() !== undefined)).toEqual([true, true, true, false]);
    const calls = Array.from({ length: 25 }, () => budget.call());
    expect([1, 2, 3].map(() => budget.extra() !== undefined)).toEqual([true, true, false]);
    for (const end of calls) {
      end();
      end();
    }
    expect(budget.inFlight).toEqual({ calls: 0, extra: 5 });
  });
});

describe('a circuit breaker', () => {
  it('opens after five failures in a row, lets one trial through, and waits twice as long after each that fails', () => {
    const breaker = new CircuitBreaker();
    for (let i = 0; i < 4; i++) breaker.end(false, 0);
    breaker.end(true, 0);
    for (let i = 0; i < 5; i++) {
      expect(breaker.allows(0)).toBe(true);
      breaker.end(false, 0);
    }
    expect(breaker.allows(9_999)).toBe(false);
    expect(breaker.state(10_000)).toBe('half_open');
    breaker.begin(10_000);
    expect(breaker.allows(10_000)).toBe(false);
    breaker.end(false, 10_000);
    expect(breaker.state(29_999)).toBe('open');
    breaker.begin(30_000);
    breaker.end(true, 30_000);
    expect(breaker.state(30_000)).toBe('closed');
  });

  it('frees the trial of a call that was cancelled', () => {
    const breaker = new CircuitBreaker({ failures: 1, openMs: 10, maxOpenMs: 10 });
    breaker.end(false, 0);
    breaker.begin(10);
    breaker.end(undefined, 11);
    expect(breaker.allows(11)).toBe(true);
  });
});

describe('the window of latencies', () => {
  it('says nothing below 20 samples, then the nearest-rank p95', () => {
    const window = new LatencyWindow();
    for (let i = 1; i <= 19; i++) window.observe(i);
    expect(window.p95).toBeUndefined();
    window.observe(20);
    expect(window.p95).toBe(19);
  });
});

describe('the verdict of a failure', () => {
  it.each([
    [new WireError('x', { outcome: 'connect' }), 'unreachable'],
    [new WireError('x', { outcome: 'transport' }), 'unreachable'],
    [new WireError('x', { outcome: 'timeout' }), 'failed'],
    [new WireError('x', { outcome: 'throttled', status: 429 }), 'throttled'],
    [new WireError('x', { outcome: 'rpc', rpcCode: -32602 }), 'refused'],
    [new WireError('x', { outcome: 'rpc', rpcCode: -32603 }), 'failed'],
    [new WireError('x', { outcome: 'http', status: 404 }), 'refused'],
    [new WireError('x', { outcome: 'http', status: 503 }), 'failed'],
    [new Error('x'), 'failed'],
  ])('%s', (error, verdict) => {
    expect(verdictOf(error)).toBe(verdict);
  });
});
