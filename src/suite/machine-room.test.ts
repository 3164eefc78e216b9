import { describe, expect, it } from 'vitest';
import { machineRoom, shortOf } from './machine-room.js';
import { unjudged } from './unjudged.js';
import type { TestResult } from '../core/run-result.js';
import { parseThreshold } from '../plan/thresholds/index.js';

const room = { memoryMb: 512, fds: 200, ports: 28_232 };

describe('what a test needs and the machine has not', () => {
  it.each([
    [{ fds: 1000 }, 'needs 1,000 file descriptors, and 200 are left (raise ulimit -n)'],
    [{ memoryMb: 2000 }, 'needs 2,000 MB of memory, and 512 MB are available'],
    [{ ports: 60_000 }, 'needs 60,000 local ports, and there are 28,232 (net.ipv4.ip_local_port_range)'],
  ])('is told with the numbers: %j', (needs, sentence) => {
    expect(shortOf(needs, room)).toBe(sentence);
  });

  it('is nothing where there is room, and where it cannot be told', () => {
    expect(shortOf({ fds: 200, memoryMb: 512 }, room)).toBeUndefined();
    expect(shortOf({ fds: 1e9 }, { ...room, fds: undefined })).toBeUndefined();
    expect(shortOf({ fds: 3, memoryMb: 1, ports: 1 }, machineRoom())).toBeUndefined();
  });
});

describe('a threshold that nothing judged', () => {
  const result = (id: string, status: TestResult['status'], names: string[]) =>
    ({ id, status, thresholds: names.map((name) => ({ name })) }) as unknown as TestResult;
  const of = (text: string) => parseThreshold(text, 'a threshold');

  it('is told, with the test where one was named', () => {
    const results = [result('a', 'pass', ['p95 < 1ms']), result('b', 'pass', [])];
    expect(unjudged([of('p95 < 1ms'), of('usl.sigma < 1'), of('b:max < 1s')], results)).toEqual([
      "The threshold 'usl.sigma < 1' was not judged: no test of this run measures usl.sigma.",
      "The threshold 'b:max < 1s' was not judged: b does not measure latency.max.",
    ]);
  });

  it('is no news where its test did not run, nor where it is a default of the suite', () => {
    const results = [result('a', 'pass', []), result('b', 'skipped', [])];
    const own = { ...of('at_5.success_rate > 0.8'), name: 'PERF_MIN_SUCCESS_RATE' };
    expect(unjudged([of('b:p95 < 1ms'), own], results)).toEqual([]);
  });
});
