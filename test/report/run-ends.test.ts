import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRunFile, RunIndex } from '../../src/store/index.js';
import { program } from '../cli/run-dyno.js';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'dyno-ends-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

/** Runs dyno in `cwd` by a shell, which first does `before`. */
function dyno(
  args: string,
  { before = ':', env = {} }: { before?: string; env?: Record<string, string> } = {},
) {
  const child = spawn('/bin/sh', ['-c', `${before}; exec "$NODE" "$DYNO" ${args}`], {
    cwd,
    env: { PATH: process.env['PATH'], NODE: process.execPath, DYNO: program, NO_COLOR: '1', ...env },
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...out });
    });
  });
  return { child, out, ended };
}

const files = async (folder: string): Promise<string[]> => {
  const all = await readdir(join(cwd, folder), { recursive: true }).catch(() => []);
  return all
    .filter((name) => /\.\w+$/.test(name))
    .map((name) => name.replace(/^[^/]*Z-\w+\//, ''))
    .sort();
};
const brief = 'load -n 20 -c 2 -q';

describe('the end of a run', { timeout: 60_000 }, () => {
  it('tells of a failure once, shows it on GitHub, writes metrics, and keeps as many runs as asked for', async () => {
    const summary = join(cwd, 'summary.md');
    const failing = `${brief} --threshold 'p50 < 0.001ms' --alert-command 'cat >> told' -o prometheus=m.prom --keep-runs 1`;
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const runs = [];
    for (let round = 0; round < 2; round++) runs.push(await dyno(failing, { env }).ended);
    for (const { code, stdout, stderr } of runs) {
      expect(code).toBe(99);
      expect(stderr.match(/^::error title=dyno%3A limit broken::load: latency\.p50 /gm)).toHaveLength(1);
      // The page stands last, where the eye stops.
      expect(stdout.trim().split('\n').at(-1)).toMatch(/^report +\.dyno\/runs\/\S+\/report\.html$/);
    }
    expect((await readFile(join(cwd, 'told'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect((await readFile(summary, 'utf8')).match(/^### ✗ Fail/gm)).toHaveLength(2);
    expect(await readFile(join(cwd, 'm.prom'), 'utf8')).toMatch(/^dyno_run_exit_code 99$/m);
    const index = await RunIndex.open(join(cwd, '.dyno/runs'));
    expect(index.size).toBe(1);
    index.close();
  });

  it('is told in full where the disk is: nothing half-written, the result printed, exit 1', async () => {
    // 512 bytes a block: a file of more cannot be written, as on a disk that is full.
    for (const blocks of [1, 16]) {
      const { code, stdout, stderr } = await dyno(`${brief} --json --run-dir full`, {
        before: `ulimit -f ${blocks}`,
      }).ended;
      expect(code).toBe(1);
      const run = JSON.parse(stdout) as { verdict: { exitCode: number }; warnings: string[] };
      expect(run.verdict.exitCode).toBe(1);
      expect(run.warnings.join()).toMatch(/cannot be written to .*EFBIG/);
      expect(stderr).toMatch(/^dyno: The (run file|html report) cannot be written/m);
    }
    // The second limit is enough for the compressed run file alone.
    expect(await files('full')).toEqual(['run.json.gz']);
  });

  it('leaves a whole file when two runs end at once, one is stopped, or one is killed', async () => {
    const two = await Promise.all([dyno(brief).ended, dyno(brief).ended]);
    expect(two.map(({ code }) => code)).toEqual([0, 0]);
    const stopped = dyno('load -d 60s -c 2 --no-tui');
    const killed = dyno('load -d 60s -c 2 --no-tui');
    // Calls are being made once the first line of the load's own target is there.
    for (const { out } of [stopped, killed])
      await expect.poll(() => out.stderr, { timeout: 30_000 }).toContain('not called');
    stopped.child.kill('SIGINT');
    killed.child.kill('SIGKILL');
    expect((await stopped.ended).code).toBe(105);
    await killed.ended;
    expect(await files('.dyno/runs')).toEqual([
      'report.html',
      'report.html',
      'report.html',
      'run.json.gz',
      'run.json.gz',
      'run.json.gz',
    ]);
    const index = await RunIndex.open(join(cwd, '.dyno/runs'));
    const rows = index.list();
    index.close();
    expect(rows.map(({ exitCode }) => exitCode).sort()).toEqual([0, 0, 105]);
    for (const { id } of rows) {
      expect((await readRunFile(join(cwd, '.dyno/runs', id, 'run.json.gz'))).id).toBe(id);
    }
  });
});
