import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, RunResult, TestResult } from '../../src/core/index.js';
import { readProcess } from '../../src/measure/index.js';
import { suiteTests } from '../../src/suite/catalogue.js';
import { dyno, program } from '../cli/run-dyno.js';
import { startTruthServer } from '../fixtures/truth-servers.js';

const folder = mkdtempSync(join(tmpdir(), 'dyno-every-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const mortal = fileURLToPath(new URL('../fixtures/servers/mortal.mjs', import.meta.url));
const all = suiteTests.flatMap(({ id }) => ['--only', id]);
/** They run in this process, on what the target listed before. */
const withoutTarget = [
  'tool-discovery',
  'tool-binding',
  'tool-routing',
  'tool-validation',
  'service-discovery',
  'monitoring',
];

/** As short as the tests can be. */
const short: JsonObject = {
  'concurrent-execution': { levels: [1], duration: 100, warmup: 0 },
  'throughput-under-load': { duration: 200 },
  'max-connections': { connections: 3, processes: 3 },
  'max-throughput': { levels: [1, 5], duration: 100, warmup: 0 },
  'sustained-stability': { duration: 200 },
  'leak-detection': { idleBefore: 50, duration: 200, maxDuration: 300, idleAfter: 50 },
  'cold-start': { starts: 1 },
  'session-churn': { processes: 1 },
  'network-conditions': { duration: 200, cut: 0, restart: 0 },
  capacity: { levels: [1, 5], duration: 100, probe: 200, budget: 500 },
};

function configured(tests: JsonObject): string[] {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(file, JSON.stringify({ tests }));
  return ['--config', file];
}

async function run(target: string[]): Promise<{ code: number | null; tests: TestResult[] }> {
  const flags = ['--profile', 'smoke', '--json', '--quiet', ...configured(short)];
  const { code, stdout, stderr } = await dyno(['test', ...flags, ...all, ...target]);
  expect(stdout, stderr).not.toBe('');
  const { tests } = JSON.parse(stdout) as RunResult;
  expect(tests.map(({ id }) => id)).toEqual(suiteTests.map(({ id }) => id));
  return { code, tests };
}

/** What the server of this test, over stdio and of 2025-06-18, is never asked. */
const notHere = /stdio|HTTP|has no tasks/;

it.concurrent(
  'every test over stdio ends as an error with the last words of a target that dies in it, on a fresh one each',
  async () => {
    const log = join(folder, 'starts');
    const { code, tests } = await run(['--', process.execPath, mortal, '--log', log, '--mortal-from', '3']);
    for (const { id, status, reason = '' } of tests) {
      if (status === 'skipped' && notHere.test(reason)) continue;
      // It brings targets down on purpose, and judges their ends itself.
      if (suiteTests.find((test) => test.id === id)?.breaksTargets === true) continue;
      if (withoutTarget.includes(id)) expect([id, status, reason]).toEqual([id, 'pass', '']);
      else {
        expect([id, status]).toEqual([id, 'error']);
        expect(reason).toMatch(
          /^the target ended in the middle of the test: the server ended with exit code 7; its last words on stderr: alas, poor server/,
        );
      }
    }
    expect(code).toBe(99);
    const pids = readFileSync(log, 'utf8').trim().split('\n').map(Number);
    expect(pids.length).toBeGreaterThan(tests.length - withoutTarget.length);
    expect(pids.filter((pid) => readProcess(pid)?.zombie === false)).toEqual([]);
  },
  120_000,
);

it.concurrent.each([
  ['no tools', 'none'],
  ['only tools whose arguments cannot be made', 'unmakeable'],
])(
  'every test has a result, or one sentence why not, on a server with %s',
  async (_, tools) => {
    const { code, tests } = await run(['--', process.execPath, mortal, '--tools', tools]);
    for (const { id, status, reason } of tests) {
      expect([id, status]).toEqual([id, expect.stringMatching(/^(pass|skipped|inconclusive)$/)]);
      if (status !== 'pass') expect(reason, id).toMatch(/^\S.{20,}/);
    }
    const skipped = Object.fromEntries(
      tests.filter(({ status }) => status === 'skipped').map(({ id, reason }) => [id, reason]),
    );
    expect(skipped).toMatchObject({
      'end-to-end-workflow': 'the target has no tool that is called',
      serialization: 'the target has no tool that is called',
    });
    expect([0, 112]).toContain(code);
  },
  120_000,
);

describe('256 file descriptors', () => {
  it('are enough for the smoke profile, and what needs more is skipped with the number', async () => {
    const server = await startTruthServer('reference', ['--protocol', 'session']);
    const large: JsonObject = {
      ...short,
      'concurrent-execution': { levels: [1, 301], duration: 100, warmup: 0 },
      'max-connections': { connections: 302 },
      'max-throughput': { levels: [1, 303], duration: 100, warmup: 0 },
      'extreme-load-memory': { calls: 1000, connections: 304 },
      'resource-cleanup': { connections: 305 },
      'sustained-stability': { inFlight: 306, duration: 200 },
      'throughput-under-load': { inFlight: 307, duration: 200 },
      'memory-under-load': { batchSize: 308, batches: 1 },
      'leak-detection': { inFlight: 309, duration: 200, maxDuration: 200 },
      capacity: { connections: 310 },
    };
    const flags = [...all, ...configured(large), '--tool', 'get_inventory', '--profile', 'smoke', '--json'];
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, program, 'test', ...flags, server.url],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
    await server.stop();
    expect(stdout, stderr).not.toBe('');
    const { tests } = JSON.parse(stdout) as RunResult;
    const numbers = tests.flatMap(({ status, reason = '' }) =>
      status === 'skipped' ? (/^needs (\d+) file descriptors, and \d+ are left/.exec(reason)?.[1] ?? []) : [],
    );
    expect(numbers.sort()).toEqual(['301', '302', '303', '304', '305', '306', '307', '308', '309', '310']);
    for (const { id, status, reason } of tests) {
      expect([id, status, reason]).toEqual([
        id,
        expect.stringMatching(/^(pass|skipped|inconclusive)$/),
        reason,
      ]);
    }
  }, 120_000);
});
