import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RunResult } from '../../src/core/run-result.js';
import { record } from './truth-run.js';

const bin = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));

/** One run of the suite through the command line, and how long it took from start to exit. */
async function suite(...args: string[]): Promise<{ run: RunResult; code: number; seconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'dyno-suite-'));
  const began = performance.now();
  try {
    return await new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [bin, 'test', '--json', '--quiet', ...args],
        { cwd: folder, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          const seconds = (performance.now() - began) / 1000;
          const code = typeof error?.code === 'number' ? error.code : 0;
          if (stdout === '') reject(new Error(`dyno test gave no result: ${stderr.slice(-1000)}`));
          else resolve({ run: JSON.parse(stdout) as RunResult, code, seconds });
        },
      );
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a run came to, test by test: the same again and again is what is claimed. */
const verdictOf = ({ tests, verdict }: RunResult): string =>
  [verdict.status, ...tests.map(({ id, status }) => `${id} ${status}`)].join(', ');

it(
  'comes to the same verdict in 20 of 20 quick runs on the bundled server, each under 75 s',
  { timeout: 2_400_000 },
  async () => {
    const verdicts = new Map<string, number>();
    let longest = 0;
    for (let i = 0; i < 20; i++) {
      const { run, code, seconds } = await suite('--profile', 'quick');
      const verdict = `${code}: ${verdictOf(run)}`;
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      longest = Math.max(longest, seconds);
    }
    const [[first, times] = ['', 0]] = [...verdicts].sort(([, a], [, b]) => b - a);
    record({
      claim: 'the quick profile comes to the same verdict again and again',
      server: 'the bundled server over HTTP',
      truth: 'one server, 20 runs',
      measured: `${times} of 20 the same (${first.split(', ')[0]!}); the longest took ${longest.toFixed(1)} s`,
      tolerance: '20 of 20, under 75 s',
    });
    expect([...verdicts.keys()]).toHaveLength(1);
    expect(first).toMatch(/^0: pass/);
    expect(longest).toBeLessThan(75);
  },
);

it(
  'takes less than 0.7 of the time for tests that may overlap, with the same verdicts',
  { timeout: 600_000 },
  async () => {
    const tests = ['max-connections', 'memory-under-load', 'leak-detection', 'session-churn'];
    // In the stateless era session-churn does not apply, and leak-detection with the start of the run is 0.7 of what is left: no
    // schedule is shorter than its longest test.
    const only = ['--protocol', '2025-11-25', '--profile', 'quick', '--only', tests.join(',')];
    const alone = await suite(...only);
    const beside = await suite(...only, '--parallel', '4');
    const share = beside.seconds / alone.seconds;
    record({
      claim: 'tests that may overlap take less time with --parallel, and come to the same verdicts',
      server: 'the bundled server over HTTP, 2025-11-25',
      truth: `${alone.seconds.toFixed(1)} s one after another`,
      measured: `${beside.seconds.toFixed(1)} s with --parallel 4 (${share.toFixed(2)})`,
      tolerance: 'under 0.7',
    });
    expect(verdictOf(beside.run)).toBe(verdictOf(alone.run));
    expect(share).toBeLessThan(0.7);
  },
);
