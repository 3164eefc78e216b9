import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChangePoints, median } from '../../src/analysis/index.js';
import { seededRandom } from '../../src/core/random.js';
import type { ComparedMetric, RunResult } from '../../src/core/run-result.js';
import { record } from './truth-run.js';

const bin = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
const server = 'reference server over stdio';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyno-comparing-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A start command of the reference server; each process writes what it counted to a file of its own. */
const build = (name: string, knobs: string) =>
  `sh -c 'exec "${process.execPath}" "${bin}" serve --stdio ${knobs} --stats-file "${folder}/${name}-$$.json"'`;

/** One comparison through the command line, in short blocks; the seed decides the order within pairs. */
function compare(a: string, b: string, seed: number, ...more: string[]): Promise<RunResult> {
  const args = ['compare', '--a', a, '--b', b, '--seed', String(seed), '--json', '--quiet'];
  const blocks = ['-c', '4', '--block', '250ms', '--warmup', '100ms', '--run-dir', join(folder, 'runs')];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [bin, ...args, ...blocks, ...more],
      { maxBuffer: 1 << 28 },
      (_error, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout) as RunResult);
        } catch {
          reject(new Error(`dyno compare gave no result: ${stderr.slice(-1000)}`));
        }
      },
    );
  });
}

const metricOf = (run: RunResult, name: string): ComparedMetric =>
  run.comparison!.metrics.find((one) => one.metric === name)!;

/** The median service time of one build, ms: of what each of its processes counted itself. */
async function counted(name: string): Promise<number> {
  const files = (await readdir(folder)).filter((file) => file.startsWith(`${name}-`));
  const medians: number[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const stats = JSON.parse(await readFile(path, 'utf8')) as { calls: number; service: { p50Ms: number } };
    // The process that only listed its tools served next to nothing.
    if (stats.calls > 50) medians.push(stats.service.p50Ms);
    await rm(path);
  }
  return median(medians);
}

function tally(runs: readonly RunResult[]): Record<string, number> {
  const verdicts = { regression: 0, improvement: 0, equivalent: 0, inconclusive: 0 };
  for (const run of runs) verdicts[run.comparison!.verdict]++;
  return verdicts;
}

describe('comparing builds in pairs', () => {
  it(
    'A/A: calls the same build different at most 2 times of 40, the same at least 30',
    { timeout: 3_600_000 },
    async () => {
      const runs: RunResult[] = [];
      for (let i = 0; i < 40; i++) {
        const same = build('a', '--service-time 2ms');
        runs.push(await compare(same, same, 100 + i));
      }
      const { regression = 0, improvement = 0, equivalent = 0, inconclusive = 0 } = tally(runs);
      const pairs =
        runs.reduce((sum, run) => sum + (run.comparison!.metrics[0]?.pairs ?? 0), 0) / runs.length;
      record({
        claim: 'A/A, 2 ms: 40 comparisons of a build with itself',
        server,
        truth: 'no difference',
        measured: `${equivalent} equivalent, ${inconclusive} inconclusive, ${regression + improvement} different; ${pairs.toFixed(1)} pairs on average`,
        tolerance: 'at least 30 equivalent, at most 2 different',
      });
      expect(regression + improvement).toBeLessThanOrEqual(2);
      expect(equivalent).toBeGreaterThanOrEqual(30);
    },
  );

  it(
    'finds a build that is slower by 10 % in 19 of 20, with the true ratio in the interval in 18',
    { timeout: 3_600_000 },
    async () => {
      let regressions = 0;
      let covered = 0;
      const truths: number[] = [];
      const estimates: number[] = [];
      for (let i = 0; i < 20; i++) {
        const run = await compare(
          build('a', '--service-time 2ms'),
          build('b', '--service-time 2.2ms'),
          200 + i,
        );
        const p50 = metricOf(run, 'latency.p50');
        const slower = (await counted('b')) - (await counted('a'));
        // A client sees the service time and its own way there and back, which is the same for both builds.
        const truth = 1 + slower / p50.base!;
        truths.push(truth);
        estimates.push(p50.ratio ?? NaN);
        if (p50.verdict === 'regression' && run.verdict.exitCode === 113) regressions++;
        if (p50.ci95 !== null && p50.ci95[0] <= truth && truth <= p50.ci95[1]) covered++;
      }
      record({
        claim: 'B slower by 10 % of 2 ms: 20 comparisons',
        server,
        truth: `×${median(truths).toFixed(3)} of what a client sees, by what the servers counted`,
        measured: `×${median(estimates).toFixed(3)}; regression in ${regressions} of 20, truth in the interval in ${covered}`,
        tolerance: 'regression in at least 19, interval in at least 18',
      });
      expect(regressions).toBeGreaterThanOrEqual(19);
      expect(covered).toBeGreaterThanOrEqual(18);
    },
  );

  it(
    'finds a p99 twice as high on p99, and says that the median is the same',
    { timeout: 3_600_000 },
    async () => {
      let found = 0;
      let same = 0;
      const ratios: number[] = [];
      for (let i = 0; i < 5; i++) {
        const run = await compare(
          build('a', '--service-time 2ms --slow-share 3% --slow-time 6ms'),
          build('b', '--service-time 2ms --slow-share 3% --slow-time 12ms'),
          300 + i,
          '--metric',
          'latency.p50,latency.p99',
        );
        const [p50, p99] = [metricOf(run, 'latency.p50'), metricOf(run, 'latency.p99')];
        ratios.push(p99.ratio ?? NaN);
        if (p99.verdict === 'regression') found++;
        if (p50.verdict === 'equivalent') same++;
        expect(p50.verdict).not.toBe('regression');
      }
      record({
        claim: 'same median of 2 ms, p99 of 12 ms in place of 6 ms: 5 comparisons',
        server,
        truth: 'p99 ×2, p50 ×1',
        measured: `p99 ×${median(ratios).toFixed(2)}, worse in ${found} of 5; p50 the same in ${same}, worse in 0`,
        tolerance: 'p99 worse in all, p50 never',
      });
      expect(found).toBe(5);
    },
  );
});

describe('change points in simulated histories', () => {
  const random = seededRandom('histories');
  const history = (name: string, level: (run: number) => number) => {
    const noise = random.fork(name);
    return Array.from({ length: 60 }, (_, i) => level(i) * (1 + noise.normal(0, 0.02)));
  };
  const changes = (values: readonly number[]) => {
    const found = findChangePoints(values);
    return found.kind === 'judged' ? found.changes : [];
  };

  it('finds a step of 5 % in noise of 2 % within 3 runs of its place in 95 of 100', () => {
    let found = 0;
    for (let i = 0; i < 100; i++) {
      const at = 20 + (i % 21);
      const steps = changes(history(`step ${i}`, (run) => (run < at ? 100 : 105)));
      if (steps.some((step) => Math.abs(step.index - at) <= 3)) found++;
    }
    record({
      claim: 'histories of 60 runs with a step of 5 % in noise of 2 %',
      server: 'simulated',
      truth: '100 steps',
      measured: `${found} found within 3 runs of their place`,
      tolerance: 'at least 95',
    });
    expect(found).toBeGreaterThanOrEqual(95);
  });

  it('finds something in at most 5 of 100 histories of pure noise', () => {
    let any = 0;
    for (let i = 0; i < 100; i++) if (changes(history(`noise ${i}`, () => 100)).length > 0) any++;
    record({
      claim: 'histories of 60 runs of pure noise of 2 %',
      server: 'simulated',
      truth: 'no change',
      measured: `${any} of 100 with any`,
      tolerance: 'at most 5',
    });
    expect(any).toBeLessThanOrEqual(5);
  });
});
