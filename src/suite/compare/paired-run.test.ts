import { describe, expect, it } from 'vitest';
import { unreachableError } from '../../core/errors.js';
import { seededRandom, type Random } from '../../core/random.js';
import { OperationTotals, Summary, type LoadReport, type LoadRunner } from '../../load/index.js';
import { Recorder } from '../../load/recording/recorder.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { Bench } from '../bench.js';
import { pairedResult } from './paired-result.js';
import { runPairs, type PairedPlan, type PairedRun } from './paired-run.js';
import type { Side } from './side.js';

const load: LoadPlan = {
  operations: [{ name: 'tools/call echo', method: 'tools/call', tool: 'echo', weight: 1, params: [{}] }],
  executor: { kind: 'constant-vus', vus: 1, durationMs: 1000 },
  warmup: { kind: 'none' },
  timeoutMs: 1000,
  gracefulStopMs: 0,
  session: 'shared',
  seed: 1,
  workers: 1,
};

interface Made {
  latencyMs: number;
  failed?: number;
  busy?: number;
  died?: string;
}

/** What a load of 200 calls would report whose latencies lie evenly within 10 % around the middle one. */
function reportOf({ latencyMs, failed = 0, busy = 0.2, died }: Made): LoadReport {
  const recorder = new Recorder();
  for (let i = 0; i < 200; i++) recorder.record(latencyMs * (0.9 + 0.001 * i));
  const totals = new OperationTotals();
  totals.addDelta({
    operation: 0,
    ok: 200 - failed,
    failed: totals.failed.map((_, i) => (i === 0 ? failed : 0)),
    latency: recorder.drain()!,
  });
  return {
    startedAt: 0,
    windowMs: 200 * latencyMs,
    elapsedMs: 200 * latencyMs,
    operations: [totals],
    okInWindow: 200 - failed,
    queueWait: new Summary(),
    scheduleLag: new Summary(),
    connect: new Summary(),
    initialize: new Summary(),
    sessionClose: new Summary(),
    offered: 0,
    sent: 200,
    dropped: 0,
    warmup: { ms: 0, calls: 0, failed: 0, steady: undefined },
    reopened: 0,
    unclosed: 0,
    strays: 0,
    failures: [],
    samples: [],
    series: [],
    threads: [
      { elapsedMs: 0, busyMax: busy, busyMean: busy, loopLagP99Ms: 0, gcPauseMs: 0, gcPauseMaxMs: 0 },
    ],
    cpuPercent: 20,
    pids: [],
    died,
    stopped: false,
  };
}

const sideOf = (name: Side['name'], block: (n: number) => Made | Promise<Made>): Side => {
  let blocks = 0;
  const runner: LoadRunner = { run: async () => reportOf(await block(blocks++)) };
  const bench = { runner, loadTarget: {}, target: { kind: 'stdio', command: name } } as unknown as Bench;
  return { name, label: `build ${name}`, bench };
};

const noisy =
  (random: Random, latencyMs: number, noise = 0.01) =>
  () => ({
    latencyMs: latencyMs * (1 + random.normal(0, noise)),
  });

async function paired(a: Side, b: Side, more: Partial<PairedPlan> = {}): Promise<PairedRun> {
  const never = new AbortController().signal;
  return runPairs({
    a,
    b,
    load,
    metrics: ['latency.p50', 'latency.p95', 'latency.p99', 'throughput', 'success_rate'],
    minPairs: 10,
    maxPairs: 40,
    random: seededRandom('pairs'),
    stop: never,
    abort: never,
    ...more,
  });
}

const judgedAs = async (run: PairedRun, a: Side, b: Side) =>
  pairedResult(run, { a, b, load, startedAt: new Date(0), plan: {}, warnings: [], allowInconclusive: false });

describe('pairs of blocks', () => {
  const random = seededRandom('noise');

  it('find a build that is slower by 10 %: exit 113', async () => {
    const [a, b] = [sideOf('A', noisy(random, 2)), sideOf('B', noisy(random, 2.2))];
    const result = await judgedAs(await paired(a, b), a, b);
    expect(result.verdict).toMatchObject({ status: 'fail', exitCode: 113 });
    expect(result.comparison).toMatchObject({ kind: 'paired', verdict: 'regression' });
    const p50 = result.comparison!.metrics.find((one) => one.metric === 'latency.p50')!;
    expect(p50.ci95![0]).toBeLessThan(1.1);
    expect(p50.ci95![1]).toBeGreaterThan(1.1);
    expect(p50).toMatchObject({ unit: 'ms' });
    expect(p50.base).toBeCloseTo(2, 1);
    expect(result.verdict.exercised).toMatch(/^echo · .* calls · 0 errors · A: .* calls, 0 errors$/);
    expect(result.tests[0]).toMatchObject({ id: 'compare', status: 'fail' });
    expect(result.tests[0]!.metrics['calls.total']!.value).toBe(200 * p50.pairs!);
  });

  it('call a build the same as itself: exit 0', async () => {
    const [a, b] = [sideOf('A', noisy(random, 2)), sideOf('B', noisy(random, 2))];
    const result = await judgedAs(await paired(a, b), a, b);
    expect(result.verdict).toMatchObject({ status: 'pass', exitCode: 0 });
    expect(result.comparison!.verdict).toBe('equivalent');
  });

  it('call a build that is faster better: exit 0', async () => {
    const [a, b] = [sideOf('A', noisy(random, 2)), sideOf('B', noisy(random, 1.5))];
    const result = await judgedAs(await paired(a, b), a, b);
    expect(result.verdict.exitCode).toBe(0);
    expect(result.comparison!.verdict).toBe('improvement');
  });

  it('go on to the cap while the noise is wider than the question, and then say so: exit 112', async () => {
    const [a, b] = [sideOf('A', noisy(random, 2, 0.2)), sideOf('B', noisy(random, 2.1, 0.2))];
    const run = await paired(a, b);
    expect(run.comparison.pairs).toBe(40);
    expect((await judgedAs(run, a, b)).verdict).toMatchObject({ status: 'inconclusive', exitCode: 112 });
  });

  it('call one call in twenty that fails worse, however fast the others are', async () => {
    const [a, b] = [sideOf('A', noisy(random, 2)), sideOf('B', () => ({ latencyMs: 2, failed: 10 }))];
    const { comparison } = await paired(a, b);
    expect(comparison.metrics.find((one) => one.metric === 'success_rate')!.verdict).toBe('regression');
  });

  it('leave out pairs in which the generator was at its limit, and make up for them', async () => {
    const [a, b] = [
      sideOf('A', noisy(random, 2)),
      sideOf('B', (n) => ({ latencyMs: 2, busy: n < 3 ? 0.99 : 0.2 })),
    ];
    const run = await paired(a, b);
    expect(run.comparison).toMatchObject({ pairs: 10, verdict: 'equivalent' });
    expect(run.comparison.voided).toEqual({ 'the load generator was at its limit': 3 });
    const result = await judgedAs(run, a, b);
    expect(result.tests[0]!.notes.join()).toContain('3 pairs were void');
  });

  it('give up where every pair is void, and say why: exit 112', async () => {
    const [a, b] = [sideOf('A', noisy(random, 2)), sideOf('B', () => ({ latencyMs: 2, busy: 0.99 }))];
    const run = await paired(a, b);
    const result = await judgedAs(run, a, b);
    expect(result.verdict.exitCode).toBe(112);
    expect(result.verdict.sentence).toMatch(/no pair counts.*8 pairs were void: the load generator/);
  });

  it('say which of the two dies: exit 99', async () => {
    const [a, b] = [
      sideOf('A', noisy(random, 2)),
      sideOf('B', () => ({ latencyMs: 2, died: 'the server ended with exit code 7' })),
    ];
    const result = await judgedAs(await paired(a, b), a, b);
    expect(result.verdict).toMatchObject({ status: 'fail', exitCode: 99 });
    expect(result.verdict.sentence).toBe(
      'B (build B) failed in 3 of 3 blocks: the server ended with exit code 7.',
    );
  });

  it('count a server that did not start once, and go on', async () => {
    const [a, b] = [
      sideOf('A', noisy(random, 2)),
      sideOf('B', (n) => (n === 2 ? Promise.reject(unreachableError('it did not start')) : { latencyMs: 2 })),
    ];
    const { comparison } = await paired(a, b);
    expect(comparison).toMatchObject({ verdict: 'equivalent', voided: { 'a server did not start': 1 } });
  });

  it('stop in the middle of a pair, and keep the whole pairs: exit 105', async () => {
    const stop = new AbortController();
    const [a, b] = [
      sideOf('A', noisy(random, 2)),
      sideOf('B', (n) => {
        if (n === 4) stop.abort();
        return { latencyMs: 2 };
      }),
    ];
    const run = await paired(a, b, { stop: stop.signal });
    expect(run.pairs.length).toBe(4);
    const result = await judgedAs(run, a, b);
    expect(result.verdict.exitCode).toBe(105);
    expect(result.verdict.sentence).toMatch(/Stopped before its end\.$/);
    expect(result.tests[0]!.details).toMatchObject({ pairs: [{}, {}, {}, {}] });
  });

  it('begin as often with one as with the other', async () => {
    const [a, b] = [sideOf('A', noisy(random, 2)), sideOf('B', noisy(random, 2))];
    const { pairs } = await paired(a, b);
    expect(pairs.filter((pair) => pair.order === 'AB').length).toBe(5);
  });
});
