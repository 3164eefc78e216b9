import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectServer, type ServerUnderTest } from '../../src/testing/index.js';
import { suiteTests } from '../../src/suite/catalogue.js';
import { homeOf } from '../../src/testing/metric-home.js';

const slow: ServerUnderTest = { kind: 'reference', transport: 'http', args: ['--service-time', '20ms'] };
const messageOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (error as Error).message,
  );

describe('expectServer', { timeout: 60_000 }, () => {
  it('names each limit that does not hold with what was observed, and each that could not be decided', async () => {
    const error = (await expectServer(slow)
      .toMeet(
        { 'latency.p50': '<1ms', 'latency.p95': '<20s', p999: '<1s', success_rate: '>99%' },
        { load: { connections: 2, requests: 40 }, tools: ['stock_level'] },
      )
      .catch((thrown: unknown) => thrown)) as Error & { code: string; actual: Record<string, number | null> };
    expect(error).toMatchObject({ code: 'ERR_ASSERTION', operator: 'toMeet' });
    const [head, ...faults] = error.message.split('\n  ');
    expect(head).toBe('Expected dyno-reference 1.0.0 to meet 4 limits:');
    expect(faults).toMatchObject([
      expect.stringMatching(/^✗ load: latency\.p50 [\d.]+ ms, limit < 1 ms, [\d.]+ times the limit$/),
      expect.stringMatching(/^\? load: latency\.p999 no value, limit < 1,000 ms: too few samples$/),
      expect.stringMatching(/^exercised: stock_level · 40 calls/),
    ]);
    expect(error.actual['latency.p50 <1ms']).toBeGreaterThan(20);
    expect(error.actual['p999 <1s']).toBeNull();
  });

  it('resolves with the result where all hold, in the tests that measure them', async () => {
    const run = await expectServer(slow).toMeet(
      { 'latency.p95': '<20s', 'concurrent-execution:at_2.success_rate': '>=0.5', p999: '<20s' },
      {
        profile: 'smoke',
        parameters: {
          'single-tool-latency': { calls: 20 },
          'concurrent-execution': { levels: [2], duration: 100 },
        },
        allowInconclusive: true,
      },
    );
    expect(run.tests.map(({ id }) => id)).toEqual(['single-tool-latency', 'concurrent-execution']);
    expect(run.tests[0]!.thresholds.map(({ status }) => status)).toEqual(['pass', 'inconclusive']);
  });

  it('refuses limits that make no sense before anything is started', async () => {
    const refused = (limits: Record<string, string>, options = {}) =>
      messageOf(expectServer('http://127.0.0.1:9/mcp').toMeet(limits, options));
    expect(await refused({})).toBe('toMeet needs at least one limit');
    expect(await refused({ 'latency.p95': '200ms' })).toContain("to begin with <, <=, > or >=, got '200ms'");
    expect(await refused({ 'latency.p96': '<200ms' })).toContain("to name a known metric, got 'latency.p96'");
    expect(await refused({ 'single-tool-latensy:p95': '<1ms' })).toBe(
      "There is no test 'single-tool-latensy'",
    );
    expect(await refused({ p95: '<1ms' }, { parameters: { 'throughput-under-load': {} } })).toContain(
      'no limit is judged in it',
    );
    expect(await refused({ p95: '<1ms' }, { load: { connections: 0 } })).not.toContain('nothing');
    await expect(expectServer('ftp://x').toMeet({ p95: '<1ms' })).rejects.toMatchObject({ exitCode: 104 });
    await expect(expectServer('http://127.0.0.1:9/mcp').toMeet({ p95: '<1ms' })).rejects.toMatchObject({
      exitCode: 111,
    });
  });

  it('has a test for metrics of every kind', () => {
    expect(homeOf('latency.p95')).toBe('single-tool-latency');
    expect(homeOf('throughput')).toBe('throughput-under-load');
    expect(homeOf('at_5.success_rate')).toBe('concurrent-execution');
    expect(homeOf('capacity.max_throughput')).toBe('max-throughput');
    const ids = suiteTests.map(({ id }) => id);
    expect(ids).toContain(homeOf('latency.p95'));
    expect(ids).toContain(homeOf('throughput'));
  });
});

describe('the examples', { timeout: 90_000 }, () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  it.each([
    ['node:test', ['--test', 'examples/testing/node-test.test.mjs'], /^[#ℹ] pass 1$/m],
    ['vitest', [vitest, 'run', '--root', 'examples/testing'], /1 passed/],
  ])('for %s pass (they run what npm run build made)', async (_runner, args, passed) => {
    // The inner runner must not take itself for a part of this one.
    const env = Object.fromEntries(
      Object.entries({ ...process.env, NO_COLOR: '1' }).filter(
        ([name]) => !name.startsWith('VITEST') && name !== 'NODE_TEST_CONTEXT',
      ),
    );
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, out]).toEqual([0, expect.stringMatching(passed)]);
  });
});
