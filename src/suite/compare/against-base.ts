import { compareSeries, compareValues, directionOf, sliceMeans, traitsOf } from '../../analysis/index.js';
import type { ComparedMetric, ComparisonReport, RunResult, TestResult } from '../../core/run-result.js';
import { seededRandom, type Random } from '../../core/random.js';
import { mismatches, type Baseline, type Mismatch } from '../../store/index.js';

/** How a run is held against a baseline or an earlier run. */
export interface AgainstOptions {
  /** The smallest relative change that matters; twice of it here, since the machine may have drifted. Default 0.03. */
  tolerance?: number;
  /** What the base is called, such as `baseline main`. */
  base: string;
  now: string;
  /** The run that the baseline is of, where it is at hand: its series and histograms say more than the values. */
  baseRun?: RunResult;
}

/** Always compared, if only to say that it cannot be decided. */
const main = ['latency.p50', 'latency.p95', 'latency.p99', 'throughput', 'success_rate'];
/** Says the same as the latency, or nothing of the build. */
const left = /^(service_time|schedule_lag|queue_wait|ttfb|connect|initialize)\b|\.(min|mean|p90|p999|max)$/;
/** δ is so many times as wide where more than the build has changed. */
const widening = 2;
const leastSlices = 10;
/** A test that took less says little of how runs of the same build differ. */
const shortMs = 60_000;
/** Enough for 95 %, and twenty tests of an hour are compared in a second. */
const resamples = 1000;

/**
 * Holds a run against a baseline or an earlier run, test by test and metric by metric. What else has changed is told, and
 * widens what counts as the same or leaves nothing to compare (see {@link Mismatch}).
 */
export function compareAgainst(
  baseline: Baseline,
  run: RunResult,
  options: AgainstOptions,
): ComparisonReport {
  const { base, now, baseRun } = options;
  const found = mismatches(baseline, run, base);
  const random = seededRandom('compare stored runs');
  const metrics = run.tests.flatMap((test) => testMetrics(baseline, test, { ...options, found, random }));
  const warnings = [
    ...found.map(told),
    ...testWarnings(baseline, run, base),
    ...stoppedWarnings(run, options),
  ];
  const verdict = verdictOf(metrics);
  const histograms = baseRun && Object.fromEntries(baseRun.tests.map((test) => [test.id, test.histograms]));
  return {
    kind: 'stored',
    base,
    now,
    verdict,
    sentence: sentenceOf(verdict, metrics, base, found),
    metrics,
    warnings,
    ...(histograms === undefined ? {} : { histograms }),
  };
}

interface TestOptions extends AgainstOptions {
  found: readonly Mismatch[];
  random: Random;
}

function testMetrics(baseline: Baseline, test: TestResult, options: TestOptions): ComparedMetric[] {
  const before = baseline.tests[test.id];
  if (before === undefined || (test.metrics['calls.total']?.value ?? 0) === 0) return [];
  const concerning = options.found.filter((one) => one.test === undefined || one.test === test.id);
  const voided = concerning.find((one) => one.effect === 'void');
  const widen = concerning.some((one) => one.effect === 'widen') ? widening : 1;
  const names = Object.keys(before.metrics).filter(
    (name) =>
      test.metrics[name] !== undefined &&
      directionOf(name) !== 'none' &&
      (main.includes(name) || (!left.test(name) && before.metrics[name]!.ci95 && test.metrics[name].ci95)),
  );
  return names.map((metric): ComparedMetric => {
    const a = before.metrics[metric]!;
    const b = test.metrics[metric]!;
    const { supporting } = traitsOf(metric);
    const shared = { metric, test: test.id, unit: b.unit, base: a.value, now: b.value, supporting };
    const { tolerance = 0.03 } = options;
    const judged =
      bySlices(metric, test, { ...options, widen }) ??
      compareValues(metric, a, b, { tolerance, widen, short: test.durationMs < shortMs });
    const { ratio, ci95, delta, verdict, reason } = judged;
    if (voided !== undefined) {
      return { ...shared, ratio, ci95, delta, verdict: 'inconclusive', reason: lower(voided.text) };
    }
    return { ...shared, ratio, ci95, delta, verdict, ...(reason === undefined ? {} : { reason }) };
  });
}

/** By slices of the series of both runs; undefined where one is too short for that, or has none. */
function bySlices(metric: string, test: TestResult, options: TestOptions & { widen: number }) {
  const other = options.baseRun?.tests.find((one) => one.id === test.id);
  const [a, b] = [other?.series[metric], test.series[metric]];
  if (other === undefined || a === undefined || b === undefined) return undefined;
  const length = (t: readonly number[]) => (t.at(-1) ?? 0) - (t[0] ?? 0);
  const shortest = Math.min(length(other.series.t), length(test.series.t));
  const seconds = Math.min(30, Math.max(10, shortest / 60));
  if (shortest < leastSlices * seconds) return undefined;
  const { random, widen, tolerance = 0.03 } = options;
  const judged = compareSeries(
    metric,
    sliceMeans(other.series.t, a, seconds),
    sliceMeans(test.series.t, b, seconds),
    { random: random.fork(`${test.id} ${metric}`), tolerance, widen, resamples },
  );
  return judged.ratio === null ? undefined : judged;
}

function verdictOf(metrics: readonly ComparedMetric[]): ComparisonReport['verdict'] {
  const deciding = metrics.filter((one) => one.supporting !== true);
  if (metrics.some((one) => one.verdict === 'regression')) return 'regression';
  const decided = deciding.filter((one) => one.verdict !== 'inconclusive');
  if (decided.length === 0) return 'inconclusive';
  // Many metrics of many short tests: that some are undecided is the rule, and each of them says so.
  if (decided.length * 2 < deciding.length) return 'inconclusive';
  return metrics.some((one) => one.verdict === 'improvement') ? 'improvement' : 'equivalent';
}

function sentenceOf(
  verdict: ComparisonReport['verdict'],
  metrics: readonly ComparedMetric[],
  base: string,
  found: readonly Mismatch[],
): string {
  if (metrics.length === 0) return `Nothing can be compared with ${base}: no test was measured in both.`;
  const of = (what: ComparedMetric['verdict']) => metrics.filter((one) => one.verdict === what);
  const undecided = of('inconclusive').length;
  const open = undecided > 0 ? ` ${undecided} of ${metrics.length} values are undecided.` : '';
  switch (verdict) {
    case 'regression':
      return `Worse than ${base}: ${named(of('regression'))}.${open}`;
    case 'improvement':
      return `Better than ${base}: ${named(of('improvement'))}.${open}`;
    case 'equivalent':
      return `No difference to ${base} that matters.${open}`;
    case 'inconclusive': {
      const voided = found.find((one) => one.effect === 'void' && one.test === undefined);
      if (voided !== undefined) return `Cannot be compared with ${base}: ${lower(voided.text)}.`;
      return `Not decided against ${base}: ${undecided} of ${metrics.length} values are undecided.`;
    }
  }
}

/** The largest changes first. */
function named(metrics: readonly ComparedMetric[]): string {
  const size = (one: ComparedMetric) => Math.abs(Math.log(Math.max(one.ratio ?? 1, 1e-9)));
  const sorted = [...metrics].sort((a, b) => size(b) - size(a));
  const shown = sorted.slice(0, 3).map((one) => {
    const interval = one.ci95 ? ` (${change(one.ci95[0])} to ${change(one.ci95[1])})` : '';
    return `${one.test} ${one.metric} ${change(one.ratio ?? 1)}${interval}`;
  });
  return shown.join(', ') + (sorted.length > 3 ? ` and ${sorted.length - 3} more` : '');
}

function change(ratio: number): string {
  const percent = 100 * (ratio - 1);
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}

function told({ text, effect }: Mismatch): string {
  const means = {
    tell: '',
    widen: ' Only changes twice as large count.',
    void: ' This cannot be compared.',
  };
  return text + means[effect];
}

function testWarnings(baseline: Baseline, run: RunResult, base: string): string[] {
  const here = new Set(run.tests.map((test) => test.id));
  const missing = Object.keys(baseline.tests).filter((id) => !here.has(id));
  const extra = [...here].filter((id) => baseline.tests[id] === undefined);
  const list = (ids: readonly string[]) => ids.slice(0, 4).join(', ') + (ids.length > 4 ? ', …' : '');
  return [
    ...(missing.length > 0 ? [`Only in ${base}: ${list(missing)}.`] : []),
    ...(extra.length > 0 ? [`Not in ${base}, or not measured there: ${list(extra)}.`] : []),
  ];
}

/** A run that was ended by a signal has fewer samples than it was meant to have. */
function stoppedWarnings(run: RunResult, { base, now, baseRun }: AgainstOptions): string[] {
  return [
    ...(baseRun?.verdict.exitCode === 105 ? [`${base} was stopped before its end.`] : []),
    ...(run.verdict.exitCode === 105 ? [`${now} was stopped before its end.`] : []),
  ];
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}
