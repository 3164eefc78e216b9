import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject, RunResult, TestResult } from '../../src/core/index.js';
import { dyno, program } from '../cli/run-dyno.js';
import { startTruthServer, type TruthServer } from '../fixtures/truth-servers.js';

let server: TruthServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** The result of one test of the suite. */
async function run(
  id: string,
  target: readonly string[],
  parameters: JsonObject = {},
  flags: readonly string[] = ['--profile', 'smoke'],
): Promise<{ test: TestResult; code: number | null }> {
  const folder = mkdtempSync(join(tmpdir(), 'dyno-memory-'));
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify({ tests: { [id]: parameters } }));
  const all = ['test', '--only', id, '--json', '--quiet', '--tool', 'get_inventory', ...flags, ...target];
  const { stdout, stderr, code } = await dyno(all, { env: { DYNO_CONFIG: config } });
  rmSync(folder, { recursive: true });
  if (stdout === '') throw new Error(stderr);
  return { test: (JSON.parse(stdout) as RunResult).tests[0]!, code };
}

/** The bundled server over stdio; a small young generation keeps V8's own growth out of the question. */
const stdio = (...knobs: string[]) => [
  '--',
  process.execPath,
  '--max-semi-space-size=2',
  program,
  'serve',
  '--stdio',
  ...knobs,
];

const value = (test: TestResult, metric: string) => test.metrics[metric]?.value ?? NaN;

describe('leak-detection', () => {
  it('finds 2 kB kept per call', { timeout: 60_000 }, async () => {
    const parameters = { duration: 3000, maxDuration: 20_000 };
    const flags = ['--profile', 'quick'];
    const { test, code } = await run('leak-detection', stdio('--keep-bytes', '2000'), parameters, flags);
    expect(test.reason).toContain('memory: grows by');
    expect(code).toBe(99);
    expect(Math.abs(value(test, 'leak.bytes_per_call') - 2000)).toBeLessThan(500);
    expect(test.windows?.map(({ label }) => label)).toEqual(['idle before', 'idle after']);
  });

  it('names descriptors per call and sessions per open, with their rates', { timeout: 60_000 }, async () => {
    // Slow enough for a limit of 1,024 descriptors.
    server = await startTruthServer('reference', [
      '--leak-fds',
      '--leak-sessions',
      '--service-time',
      '5ms',
      '--protocol',
      'session',
    ]);
    const parameters = { inFlight: 1, duration: 2000, maxDuration: 2000 };
    const { test, code } = await run('leak-detection', [server.url], parameters);
    expect(test.reason).toContain('file descriptors: grows by');
    expect(test.reason).toContain('sessions: 10 of 10 still answer after their DELETE, 1 per open and close');
    expect(value(test, 'leak.fds_per_call')).toBeGreaterThan(0.85);
    expect(value(test, 'leak.fds_per_call')).toBeLessThan(1.15);
    expect(code).toBe(99);
  });

  it('finds nothing where nothing is kept', { timeout: 60_000 }, async () => {
    server = await startTruthServer('reference', ['--churn-bytes', '200KB', '--protocol', 'session']);
    const { test, code } = await run('leak-detection', [server.url]);
    expect([test.status, test.reason, code]).toEqual(['pass', test.reason, 0]);
    expect(value(test, 'leak.sessions_per_open')).toBe(0);
  });

  it('keeps what it saw of a target that dies', { timeout: 60_000 }, async () => {
    const { test, code } = await run('leak-detection', stdio('--die-after', '100'));
    expect(test).toMatchObject({ status: 'error', reason: expect.stringContaining('ended in the middle') });
    expect(code).toBe(99);
  });
});

describe('thousands of calls at once', () => {
  it('are all answered, and cost the generator less than 150 MB', { timeout: 60_000 }, async () => {
    const flags = ['--profile', 'quick'];
    const { test } = await run('extreme-load-memory', stdio(), {}, flags);
    expect(value(test, 'calls.ok')).toBe(10_000);
    expect(value(test, 'drain_time')).toBeGreaterThan(0);
    expect(value(test, 'generator.rss.increase')).toBeLessThan(150);
  });
});

describe('a target', () => {
  it('that computes is told from one that waits as long', { timeout: 60_000 }, async () => {
    const spent = async (...knobs: string[]) => {
      const { test } = await run('single-tool-latency', stdio('--service-time', '20ms', ...knobs));
      return {
        bound: (test.details?.['cpu'] as JsonObject)['bound'],
        ms: value(test, 'target.cpu.ms_per_call'),
      };
    };
    const spinning = await spent('--spin');
    const sleeping = await spent();
    // On a crowded machine neither may be sure, but never is one taken for the other.
    expect(['cpu', 'unclear']).toContain(spinning.bound);
    expect(['waiting', 'unclear']).toContain(sleeping.bound);
    expect(spinning.ms).toBeGreaterThan(2 * sleeping.ms);
  });

  it('whose processes cannot be seen is skipped, with what to do', { timeout: 60_000 }, async () => {
    server = await startTruthServer('reference');
    const { test } = await run('memory-under-load', [server.url], {}, [
      '--profile',
      'smoke',
      '--pid',
      'none',
    ]);
    expect(test.status).toBe('skipped');
    expect(test.reason).toMatch(/memory of the target cannot be seen: .*--pid.*--metrics-url/);
  });

  it('is read from its metrics endpoint where that is given', { timeout: 60_000 }, async () => {
    server = await startTruthServer('reference', ['--ballast', '100MB']);
    const { pid, url } = server;
    const metrics = createServer((_, answer) => {
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      answer.end(`process_resident_memory_bytes ${pages * 4096}\n`);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => metrics.once('listening', resolve));
    const endpoint = `http://127.0.0.1:${(metrics.address() as AddressInfo).port}/metrics`;
    const flags = ['--profile', 'smoke', '--metrics-url', endpoint];
    const { test } = await run('memory-under-load', [url], {}, flags);
    const wrong = await dyno(['test', url, '--metrics-url', url, '--quiet']);
    metrics.closeAllConnections();
    metrics.close();
    expect(test.status).toBe('pass');
    expect(value(test, 'target.rss.max')).toBeGreaterThan(100);
    expect(test.thresholds).toHaveLength(2);
    expect(wrong.code).toBe(111);
    expect(wrong.stderr).toContain('cannot be read: the answer has the status');
  });
});
