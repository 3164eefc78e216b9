import { median, type Comparison, type MetricComparison } from '../../analysis/index.js';
import { decidingExitCode, exitCodes, type ExitCode } from '../../core/exit-code.js';
import type { JsonObject } from '../../core/json.js';
import {
  runSchema,
  type ComparedMetric,
  type ComparisonReport,
  type RunResult,
  type TestResult,
} from '../../core/run-result.js';
import { version } from '../../core/version.js';
import { readEnvironment } from '../../measure/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { runId } from '../result/run-id.js';
import { exercisedSentence } from '../result/verdict-sentence.js';
import type { PairedRun, RunPair } from './paired-run.js';
import type { Side, SideTotals } from './side.js';

/** What is needed beside the pairs themselves to report them. */
export interface PairedContext {
  a: Side;
  b: Side;
  load: LoadPlan;
  startedAt: Date;
  /** The effective plan, secrets redacted. */
  plan: JsonObject;
  warnings: readonly string[];
  allowInconclusive: boolean;
}

/** The RunResult of a paired comparison: one test `compare` with B's figures, and A's to hold them against. */
export async function pairedResult(run: PairedRun, context: PairedContext): Promise<RunResult> {
  const { a, b, load, startedAt } = context;
  const base = run.totals.a.parts(load);
  const now = run.totals.b.parts(load);
  const { status, exitCode, sentence } = outcomeOf(run, context);
  const report: ComparisonReport = {
    kind: 'paired',
    base: `A: ${a.label}`,
    now: `B: ${b.label}`,
    verdict: status === 'pass' || exitCode === exitCodes.regression ? run.comparison.verdict : 'inconclusive',
    sentence: run.comparison.sentence,
    metrics: run.comparison.metrics.map((one) => compared(one, run)),
    warnings: [],
    ...(base === undefined ? {} : { histograms: { compare: base.histograms } }),
  };
  const test: TestResult = {
    id: 'compare',
    title: `B against A in ${run.comparison.pairs} pairs`,
    tags: ['comparison'],
    status,
    ...(status === 'pass' ? {} : { reason: sentence }),
    durationMs: Math.round(run.durationMs),
    metrics: now?.metrics ?? {},
    thresholds: [],
    failures: now?.failures ?? [],
    operations: now?.operations ?? {},
    series: now?.series ?? { t: [] },
    histograms: now?.histograms ?? {},
    samples: now?.samples ?? [],
    notJudged: [],
    notes: notesOf(run, context),
    ...(now?.generator === undefined ? {} : { generator: now.generator }),
    details: { pairs: run.pairs.map(pairJson) },
  };
  return {
    schema: runSchema,
    id: runId(startedAt),
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(run.durationMs),
    tool: { name: 'mcp-dyno', version },
    environment: await readEnvironment(),
    target: b.bench.target,
    plan: context.plan,
    tests: [test],
    verdict: { status, exitCode, sentence, exercised: `${exercisedSentence([test])} · ${exercisedOfA(run)}` },
    warnings: [...context.warnings],
    comparison: report,
  };
}

function exercisedOfA({ totals }: PairedRun): string {
  const { ok, failed } = totals.a.calls;
  return `A: ${(ok + failed).toLocaleString('en')} calls, ${failed.toLocaleString('en')} errors`;
}

interface Outcome {
  status: RunResult['verdict']['status'];
  exitCode: ExitCode;
  sentence: string;
}

function outcomeOf(run: PairedRun, { allowInconclusive }: PairedContext): Outcome {
  const judged = judgedOutcome(run, allowInconclusive);
  if (!run.stopped) return judged;
  const exitCode = decidingExitCode([judged.exitCode, exitCodes.stopped]);
  return { ...judged, exitCode, sentence: `${judged.sentence} Stopped before its end.` };
}

function judgedOutcome({ comparison, broken, totals }: PairedRun, allowInconclusive: boolean): Outcome {
  if (broken !== undefined) {
    const { side, why, blocks, times } = broken;
    const sentence = `${side.name} (${side.label}) failed in ${times} of ${blocks} blocks: ${dotted(why)}`;
    return { status: 'fail', exitCode: exitCodes.failed, sentence };
  }
  const undecided = (sentence: string): Outcome => ({
    status: 'inconclusive',
    exitCode: allowInconclusive ? exitCodes.pass : exitCodes.inconclusive,
    sentence,
  });
  if (comparison.pairs === 0) return undecided(`Not decided: no pair counts${voidText(comparison)}.`);
  const silent = silentSides(totals);
  if (silent.length === 2) {
    const sentence = 'None of the calls came out ok, neither with A nor with B: nothing can be compared.';
    return { status: 'fail', exitCode: exitCodes.failed, sentence };
  }
  if (silent.includes('A'))
    return undecided('None of the calls of A came out ok: nothing to compare B with.');
  switch (comparison.verdict) {
    case 'regression':
      return { status: 'fail', exitCode: exitCodes.regression, sentence: comparison.sentence };
    case 'inconclusive':
      return undecided(`${dotted(comparison.sentence).slice(0, -1)}${voidText(comparison)}.`);
    default:
      return { status: 'pass', exitCode: exitCodes.pass, sentence: comparison.sentence };
  }
}

function silentSides(totals: { a: SideTotals; b: SideTotals }): string[] {
  return [...(totals.a.calls.ok === 0 ? ['A'] : []), ...(totals.b.calls.ok === 0 ? ['B'] : [])];
}

function voidText({ voided }: Comparison): string {
  const total = Object.values(voided).reduce((sum, times) => sum + times, 0);
  if (total === 0) return '';
  const reasons = Object.entries(voided).map(([reason, times]) => `${reason} (${times})`);
  return `; ${total} pair${total === 1 ? ' was' : 's were'} void: ${reasons.join(', ')}`;
}

function compared(one: MetricComparison, { pairs, comparison, units }: PairedRun): ComparedMetric {
  const counted = pairs.filter((pair) => pair.void === undefined);
  const middle = (side: 'a' | 'b') => {
    const values = counted.flatMap((pair) => pair[side][one.metric] ?? []);
    return values.length === 0 ? null : median(values);
  };
  const reason = one.verdict === 'inconclusive' ? whyUndecided(one, comparison.pairs) : undefined;
  const { metric, verdict, ratio, ci95, delta, noise, pairs: used, supporting } = one;
  return {
    metric,
    unit: units[metric] ?? '',
    base: middle('a'),
    now: middle('b'),
    ratio,
    ci95,
    delta,
    verdict,
    supporting,
    pairs: used,
    noise,
    ...(reason === undefined ? {} : { reason }),
  };
}

function whyUndecided(one: MetricComparison, pairs: number): string {
  if (one.pairs === 0) return 'no value in any pair';
  if (one.ratio === null) return `a value in only ${one.pairs} of ${pairs} pairs`;
  if (one.supporting) return 'the noise is wider than the question; it decides nothing';
  return 'the noise is wider than the question';
}

function notesOf({ comparison, totals }: PairedRun, { a, b }: PairedContext): string[] {
  const failed = totals.a.calls.failed;
  return [
    ...(comparison.pairs > 0
      ? [`Figures are of B; a change is the median of paired differences, B against A, in percent of A.`]
      : []),
    ...(failed > 0 ? [`${failed} calls of A failed.`] : []),
    ...(voidText(comparison) === '' ? [] : [`${voidText(comparison).slice(2)}.`]),
    ...[a, b].flatMap(({ name, bench }) =>
      bench.target.kind === 'stdio'
        ? []
        : [`${name} is a running server: its blocks share one process, whatever state that is in.`],
    ),
  ];
}

function pairJson({ order, a, b, void: reason }: RunPair): JsonObject {
  return { order, a: { ...a }, b: { ...b }, ...(reason === undefined ? {} : { void: reason }) };
}

function dotted(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
