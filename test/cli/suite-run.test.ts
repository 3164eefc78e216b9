import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import { dyno, program } from './run-dyno.js';

const quiet = ['--profile', 'smoke', '--tool', 'get_inventory', '--json', '--quiet'];

async function suite(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await dyno(['test', ...quiet, ...args], { env });
  expect(stdout, stderr).not.toBe('');
  const run = JSON.parse(stdout) as RunResult;
  const ran = Object.fromEntries(run.tests.map(({ id, status }) => [id, status]));
  return { code, run, ran };
}

const only = (...ids: string[]) => ids.flatMap((id) => ['--only', id]);

describe('--parallel', () => {
  it('gives the results of the suite in its order, each test on a target of its own', async () => {
    const tests = only('single-tool-latency', 'max-connections', 'resource-cleanup');
    const { ran, run, code } = await suite([...tests, '--parallel', '2', '--parallel-unsafe']);
    expect(ran).toEqual({
      'single-tool-latency': 'pass',
      'max-connections': 'pass',
      'resource-cleanup': 'pass',
    });
    expect(Object.keys(ran)).toEqual(['single-tool-latency', 'max-connections', 'resource-cleanup']);
    expect(run.warnings.join()).toContain('--parallel-unsafe');
    expect(code).toBe(0);
  }, 60_000);

  it('says of a URL that its tests ran one after another', async () => {
    const server = await startTruthServer('reference');
    try {
      const { run, code } = await suite([
        ...only('max-connections', 'resource-cleanup'),
        ...['--parallel', '2', server.url],
      ]);
      expect(run.warnings.join()).toContain('cannot be isolated: its tests ran one after another');
      expect(code).toBe(0);
    } finally {
      await server.stop();
    }
  }, 60_000);
});

describe('a threshold that is not judged', () => {
  it('is an error before the run where its test does not run', async () => {
    const { code, stderr } = await dyno([
      'test',
      ...only('single-tool-latency'),
      ...['--threshold', 'max-throughput:throughput > 5'],
    ]);
    expect(stderr).toContain('max-throughput is not among the tests of this run');
    expect(code).toBe(104);
  });

  it('makes a run inconclusive where nothing measures its metric', async () => {
    const { run, code } = await suite([
      ...only('single-tool-latency'),
      ...['--threshold', 'usl.sigma < 0.5'],
    ]);
    expect(run.verdict.sentence).toContain(
      "The threshold 'usl.sigma < 0.5' was not judged: single-tool-latency does not measure usl.sigma.",
    );
    expect(code).toBe(112);
  }, 60_000);
});

it('skips a test that needs more file descriptors than there are, with the number', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dyno-fds-'));
  const flags = ['--tool', 'get_inventory', '--json', '--quiet', '--profile', 'full'];
  const command = `ulimit -n 256; exec "$0" "$@"`;
  const { stdout, stderr } = spawnSync(
    'sh',
    [
      '-c',
      command,
      process.execPath,
      program,
      'test',
      ...flags,
      ...only('single-tool-latency', 'max-connections'),
    ],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  rmSync(folder, { recursive: true });
  expect(stdout, stderr).not.toBe('');
  const [single, most] = (JSON.parse(stdout) as RunResult).tests;
  expect(single!.status).toBe('pass');
  expect(most).toMatchObject({ status: 'skipped' });
  expect(most!.reason).toMatch(/^needs 1,000 file descriptors, and \d+ are left \(raise ulimit -n\)$/);
}, 60_000);
