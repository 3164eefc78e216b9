import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import { dyno, program } from './run-dyno.js';

const folder = mkdtempSync(join(tmpdir(), 'dyno-dying-'));
const config = join(folder, 'dying.json');
// The first test makes more calls than the server lives, the second one fewer.
writeFileSync(
  config,
  JSON.stringify({
    tests: {
      'single-tool-latency': { calls: 200, warmup: 0, maxDuration: 60_000 },
      'concurrent-execution': { levels: [1], duration: 150, warmup: 0 },
    },
  }),
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const knobs = ['--die-after', '40', '--service-time', '5ms'];
const flags = [
  ...['test', '--only', 'single-tool-latency', '--only', 'concurrent-execution'],
  ...['--profile', 'smoke', '--tool', 'get_inventory', '--config', config, '--json', '--quiet'],
];

async function run(target: string[]) {
  const { code, stdout, stderr } = await dyno([...flags, ...target]);
  expect(stdout, stderr).not.toBe('');
  return { code, tests: (JSON.parse(stdout) as RunResult).tests };
}

it('ends a test as an error with the last words of a target that dies in it; the next one gets a fresh target', async () => {
  const { code, tests } = await run(['--', process.execPath, program, 'serve', '--stdio', ...knobs]);
  const told = tests.map(({ reason }) => reason).join('; ');
  expect(
    tests.map(({ status }) => status),
    told,
  ).toEqual(['error', 'pass']);
  expect(tests[0]!.reason).toMatch(
    /^the target ended in the middle of the test: the server ended with exit code 7; its last words on stderr: /,
  );
  // What was measured until then is kept.
  expect(tests[0]!.metrics['calls.ok']?.value).toBeGreaterThan(20);
  expect(code).toBe(99);
});

it('says of later tests why they could not run where the target is a URL', async () => {
  const server = await startTruthServer('reference', knobs);
  try {
    const { code, tests } = await run([server.url]);
    expect(tests.map(({ status }) => status)).toEqual(['error', 'skipped']);
    expect(tests[0]!.reason).toMatch(/^the target ended in the middle of the test: .*connection refused/);
    expect(tests[1]!.reason).toMatch(
      /^the target ended in the middle of single-tool-latency, and as it is given by its URL it cannot be started anew \(.*connection refused/,
    );
    expect(code).toBe(99);
  } finally {
    await server.stop();
  }
});
