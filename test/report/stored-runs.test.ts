import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputFormats } from '../../src/plan/options/index.js';
import { reportFormats } from '../../src/report/index.js';
import { runResult, testResult } from '../../src/report/run.fixture.js';
import { writeRunFile } from '../../src/store/index.js';

const bin = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
let cwd = '';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function dyno(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, ...args],
      { cwd, env: { ...process.env, NO_COLOR: '1' } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'dyno-stored-'));
  for (const [day, p50] of [
    ['21', 0.9],
    ['22', 1.8],
  ] as const) {
    const test = testResult();
    test.metrics['latency.p50'] = { value: p50, unit: 'ms', ci95: null };
    await writeRunFile(
      join(cwd, '.dyno/runs'),
      runResult({
        id: `2026-11-${day}T23-10-05Z-8f3a`,
        startedAt: `2026-11-${day}T23:10:05.000Z`,
        tests: [test],
      }),
    );
  }
});
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

describe('stored runs on the command line', { timeout: 60_000 }, () => {
  it('are rendered again in every format that --out of test and load knows', async () => {
    // Metrics go to a collector from a run; a stored one is written for Prometheus.
    expect(outputFormats.filter((format) => format !== 'otlp').sort()).toEqual([...reportFormats].sort());
    const outputs = reportFormats.flatMap((format) => ['-o', `${format}=out/${format}`]);
    expect(await dyno('report', '11-22', ...outputs)).toMatchObject({ code: 0, stdout: '' });
    expect((await readdir(join(cwd, 'out'))).sort()).toEqual([...reportFormats].sort());
    expect(await readFile(join(cwd, 'out/html'), 'utf8')).toContain('2026-11-22T23-10-05Z-8f3a');
    expect((await dyno('report', 'latest')).stdout).toContain('FAIL');
    const wrong = await dyno('report', 'latest', '-o', 'htlm=x');
    expect(wrong).toMatchObject({ code: 104, stdout: '' });
    expect(wrong.stderr).toContain("There is no report format 'htlm'");
  });

  it('are listed, filtered and plotted', async () => {
    const { stdout } = await dyno('history');
    expect(
      stdout
        .split('\n')
        .slice(1, 3)
        .map((line) => line.slice(8, 10)),
    ).toEqual(['22', '21']);
    expect((await dyno('history', '--since', '2026-11-22')).stdout).toContain('1 of 2 runs');
    expect((await dyno('history', '--metric', 'latency.p50')).stdout).toMatch(
      /1\.8 ┤ ●[^]*0\.9 ┤●[^]*change \+100 %/,
    );
    expect(await dyno('history', '--metric', 'latency.p51')).toMatchObject({ code: 104 });
    expect((await dyno('history', '-o', 'html=out/history.html')).stderr).toContain(
      '2 runs: out/history.html',
    );
    expect(await readFile(join(cwd, 'out/history.html'), 'utf8')).toMatch(
      /:latency\.p50, 2 runs; changes not judged/,
    );
    expect(await dyno('history', '-o', 'csv')).toMatchObject({ code: 104 });
  });

  it('become baselines, which say what is wrong with them', async () => {
    expect((await dyno('baseline', 'save', 'main')).stdout).toContain('.dyno/baselines/main.json');
    expect(await dyno('baseline', 'save', 'main')).toMatchObject({ code: 104 });
    expect((await dyno('baseline', 'list')).stdout).toContain('main');
    expect((await dyno('baseline', 'show', 'main', 'latest')).stdout).toContain('latency.p50');
    await writeFile(join(cwd, '.dyno/baselines/old.json'), '{"schema":"dyno.baseline/0"}');
    const old = await dyno('baseline', 'show', 'old');
    expect(old.code).toBe(104);
    expect(old.stderr).toContain("expected dyno.baseline/1, its schema is 'dyno.baseline/0'");
    expect((await dyno('baseline', 'rm', 'main')).stdout).toContain('removed');
  });
});
