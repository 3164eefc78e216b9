import { describe, expect, it } from 'vitest';
import type { Metrics, RunResult, TestResult } from '../../core/run-result.js';
import { baselineOf } from '../../store/index.js';
import { compareAgainst } from './against-base.js';
import { withComparison } from './with-baseline.js';

const ms = (value: number, reach = 0.02) => ({
  value,
  unit: 'ms',
  ci95: [value * (1 - reach), value * (1 + reach)] as [number, number],
});

function metricsOf(scale = 1, reach = 0.02): Metrics {
  return {
    'calls.total': { value: 4000, unit: 'count' },
    success_rate: { value: 1, unit: 'ratio', ci95: [0.999, 1] },
    throughput: { value: 400 / scale, unit: 'ops/s', ci95: [396 / scale, 404 / scale] },
    'latency.p50': ms(2 * scale, reach),
    'latency.p95': ms(3 * scale, reach),
    'latency.p99': ms(4 * scale, reach),
  };
}

const testOf = (part: Partial<TestResult> = {}): TestResult => ({
  id: 'single-tool-latency',
  title: '',
  tags: [],
  status: 'pass',
  durationMs: 65_000,
  metrics: metricsOf(),
  thresholds: [],
  failures: [],
  operations: { 'tools/call echo': { metrics: {} } },
  series: { t: [] },
  histograms: {},
  samples: [],
  notJudged: [],
  notes: [],
  ...part,
});

const runOf = (part: Partial<RunResult> = {}): RunResult => ({
  schema: 'dyno.run/1',
  id: '2026-11-22T23-10-05Z-8f3a',
  startedAt: '2026-11-22T23:10:05.000Z',
  durationMs: 65_000,
  tool: { name: 'mcp-dyno', version: '0.1.0' },
  environment: { node: 'v20', os: 'linux', cpu: 'Some CPU', cores: 2, memoryBytes: 1 },
  target: { kind: 'stdio', command: 'node server.js', tools: 3 },
  plan: { options: { profile: { value: 'quick', origin: 'default' } } },
  tests: [testOf()],
  verdict: { status: 'pass', exitCode: 0, sentence: 'The test passed.', exercised: 'echo' },
  warnings: [],
  ...part,
});

const options = { base: 'baseline main', now: 'this run' };
const scaled = (scale: number, reach?: number) =>
  runOf({ tests: [testOf({ metrics: metricsOf(scale, reach) })] });
const against = (run: RunResult, base = runOf()) => compareAgainst(baselineOf('main', base), run, options);

describe('a run against a baseline', () => {
  it('is the same as itself: exit 0', () => {
    const comparison = against(runOf());
    expect(comparison).toMatchObject({ kind: 'stored', verdict: 'equivalent', warnings: [] });
    expect(withComparison(runOf(), comparison, { allowInconclusive: false }).verdict).toMatchObject({
      status: 'pass',
      exitCode: 0,
      sentence: 'The test passed. No difference to baseline main that matters.',
    });
  });

  it('is worse when it takes half as long again: exit 113, and the sentence says how much', () => {
    const run = scaled(1.5);
    const judged = withComparison(run, against(run), { allowInconclusive: false });
    expect(judged.verdict).toMatchObject({ status: 'fail', exitCode: 113 });
    expect(judged.verdict.sentence).toMatch(
      /^Worse than baseline main: single-tool-latency latency\.p50 \+50\.0 % \(\+4.* to \+5.* %\)/,
    );
  });

  it('is better when it takes half the time: exit 0', () => {
    const run = scaled(0.5);
    expect(against(run).verdict).toBe('improvement');
    expect(withComparison(run, against(run), { allowInconclusive: false }).verdict.exitCode).toBe(0);
  });

  it('is undecided where the intervals are wider than the question: exit 112, or 0 where that is allowed', () => {
    const run = scaled(1.2, 0.5);
    run.tests[0]!.metrics['throughput'] = { value: 333, unit: 'ops/s', ci95: null };
    const comparison = against(run);
    expect(comparison.verdict).toBe('inconclusive');
    expect(withComparison(run, comparison, { allowInconclusive: false }).verdict.exitCode).toBe(112);
    expect(withComparison(run, comparison, { allowInconclusive: true }).verdict.exitCode).toBe(0);
  });

  it('keeps the exit code of a run that failed by itself', () => {
    const run = scaled(1.5);
    run.verdict = { status: 'fail', exitCode: 99, sentence: '1 of 1 test failed.', exercised: 'echo' };
    const judged = withComparison(run, against(run), { allowInconclusive: false });
    expect(judged.verdict.exitCode).toBe(99);
    expect(judged.verdict.sentence).toMatch(/^1 of 1 test failed\. Worse than/);
  });

  it('is not compared with another machine, and says so first', () => {
    const run = scaled(1.5);
    run.environment = { ...run.environment, cores: 64 };
    const comparison = against(run);
    expect(comparison.verdict).toBe('inconclusive');
    expect(comparison.warnings).toEqual([
      'Other machine: Some CPU × 2 in baseline main, now Some CPU × 64. This cannot be compared.',
    ]);
    expect(comparison.sentence).toMatch(/^Cannot be compared with baseline main: other machine/);
    expect(comparison.metrics[0]).toMatchObject({ verdict: 'inconclusive' });
  });

  it('needs twice the change where another Node or profile was used', () => {
    const other = { plan: { options: { profile: { value: 'full', origin: '--profile' } } } };
    const run = { ...scaled(1.15, 0.005), ...other };
    const comparison = against(run);
    expect(against(scaled(1.15, 0.005)).verdict).toBe('regression');
    expect(comparison.verdict).not.toBe('regression');
    expect(comparison.warnings[0]).toBe(
      'Other plan, profile: quick in baseline main, now full. Only changes twice as large count.',
    );
  });

  it('is not compared where other tools were called', () => {
    const run = runOf({ tests: [testOf({ operations: { 'tools/call add': { metrics: {} } } })] });
    const comparison = against(run);
    expect(comparison.verdict).toBe('inconclusive');
    expect(comparison.warnings[0]).toMatch(
      /Other tools called in single-tool-latency: without echo, with add/,
    );
  });

  it('says that no test was measured in both', () => {
    const run = runOf({ tests: [testOf({ id: 'load' })] });
    expect(against(run)).toMatchObject({
      verdict: 'inconclusive',
      sentence: 'Nothing can be compared with baseline main: no test was measured in both.',
      warnings: [
        'Only in baseline main: single-tool-latency.',
        'Not in baseline main, or not measured there: load.',
      ],
    });
  });

  it('says which run was stopped half way', () => {
    const stopped = runOf({ verdict: { status: 'pass', exitCode: 105, sentence: '', exercised: '' } });
    const comparison = compareAgainst(baselineOf('A', stopped), runOf(), { ...options, baseRun: stopped });
    expect(comparison.warnings).toEqual(['baseline main was stopped before its end.']);
  });

  it('compares long series slice by slice', () => {
    const series = (level: number) => ({
      t: Array.from({ length: 300 }, (_, i) => i + 1),
      'latency.p50': Array.from({ length: 300 }, (_, i) => level * (1 + 0.02 * Math.sin(i))),
    });
    const base = runOf({ tests: [testOf({ series: series(2) })] });
    const run = runOf({ tests: [testOf({ series: series(2.6) })] });
    const comparison = compareAgainst(baselineOf('A', base), run, { ...options, baseRun: base });
    const p50 = comparison.metrics.find((one) => one.metric === 'latency.p50')!;
    // The stored values are the same: only the series can have told.
    expect(p50.verdict).toBe('regression');
    expect(p50.ratio).toBeCloseTo(1.3, 2);
  });
});
