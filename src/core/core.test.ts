import { describe, expect, it } from 'vitest';
import { decidingExitCode, FakeClock, parseDuration, parseSize, seededRandom, sleep } from './index.js';

describe('units', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['200us', 0.2],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text, '--duration')).toBeCloseTo(ms, 9);
  });

  it('names the flag when a duration cannot be read', () => {
    expect(() => parseDuration('30 parsecs', '--duration')).toThrow(
      /--duration to be a duration.*30 parsecs/,
    );
    expect(() => parseDuration('', '--duration')).toThrow(/--duration/);
    expect(() => parseDuration('-5s', '--duration')).toThrow(/--duration/);
  });

  it.each([
    ['512', 512],
    ['64kB', 64_000],
    ['2MiB', 2_097_152],
  ])('reads %s as bytes', (text, bytes) => {
    expect(parseSize(text, '--size')).toBe(bytes);
  });
});

describe('exit codes', () => {
  it('lets usage win over everything and inconclusive over nothing but a pass', () => {
    expect(decidingExitCode([112, 99, 104])).toBe(104);
    expect(decidingExitCode([112, 113])).toBe(113);
    expect(decidingExitCode([1, 99])).toBe(1);
    expect(decidingExitCode([0, 112])).toBe(112);
    expect(decidingExitCode([])).toBe(0);
  });
});

describe('seeded randomness', () => {
  it('repeats itself for a seed and differs between purposes', () => {
    const draw = (seed: string) => Array.from({ length: 5 }, () => seededRandom(seed).fork('mix').next());
    expect(draw('7')).toEqual(draw('7'));
    expect(seededRandom(7).fork('mix').next()).not.toBe(seededRandom(7).fork('arrivals').next());
  });

  it('has the mean of an exponential distribution', () => {
    const random = seededRandom(1);
    const n = 20_000;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += random.exponential(10);
    // The standard error is 10/sqrt(n) = 0.07; five of them.
    expect(Math.abs(sum / n - 10)).toBeLessThan(0.35);
  });
});

describe('the fake clock', () => {
  it('fires timers in the order of their time', async () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    void sleep(20, clock).then(() => fired.push(clock.now()));
    void sleep(10, clock).then(() => fired.push(clock.now()));
    await clock.advance(15);
    expect(fired).toEqual([10]);
    await clock.advance(15);
    expect(fired).toEqual([10, 20]);
    expect(clock.pending).toBe(0);
  });
});
