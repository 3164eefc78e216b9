import { refineLevels } from '../../analysis/index.js';
import { connectionsNeeded } from '../connections-needed.js';
import type { Metrics } from '../../core/run-result.js';
import { figure } from '../figure.js';
import { countsOnly } from '../levels/counts-only.js';
import { findingMetrics, levelDetails, levelFindings, uslSentence } from '../levels/level-findings.js';
import { levelThroughput } from '../levels/level-throughput.js';
import { measureLevels, type MeasuredLevels } from '../levels/measure-levels.js';
import { mostRecoveryMs, recoveryNotes } from '../levels/recovery.js';
import { probeTime, searchSlo, type SloQuestion, type SloResult } from '../slo/search.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { joinedParts } from './joined-parts.js';

const spareMs = 1500;
/** Where no objective is given: so many times the response time of a lone call, but at least this. */
const objectiveFactor = 5;
const leastObjectiveMs = 50;

/** The highest rate of calls at which the p99 still holds. */
export const capacity: SuiteTest = {
  id: 'capacity',
  title: 'The highest rate that holds an objective',
  tags: ['capacity', 'slow'],
  explain:
    'Looks for the highest rate of evenly spaced calls, made whatever the server does, whose p99 stays below an objective: ' +
    'doubles the rate until the objective breaks, bisects, and repeats both sides of the edge three times. A rate holds when ' +
    'the interval of the share of slower (or failed) calls lies within 1 %, at least 98 % of the calls were answered in time, ' +
    'and no backlog grew; after one that did not, the search waits until single calls are answered again. A few closed levels ' +
    'before it give the knee and the first rate. The objective is set with p99; 0 takes five times ' +
    'the response time of a lone call, but at least 50 ms.',
  parameters: {
    p99: {
      what: 'the objective: p99 below this, ms; 0: five times a lone call, at least 50',
      smoke: 0,
      quick: 0,
      full: 0,
      min: 0,
      max: 3_600_000,
    },
    levels: {
      what: 'calls in flight of the closed levels before the search',
      smoke: [1, 20],
      quick: [1, 10, 50],
      full: [1, 2, 5, 10, 20, 50, 100],
      min: 1,
      max: 10_000,
    },
    duration: {
      what: 'time of each closed level, ms',
      smoke: 300,
      quick: 400,
      full: 3000,
      min: 1,
      max: 86_400_000,
    },
    refine: { what: 'further levels around the knee', smoke: 0, quick: 0, full: 4, min: 0, max: 6 },
    probe: {
      what: 'time of each probe at least, ms (longer where a p99 needs more calls)',
      smoke: 300,
      quick: 500,
      full: 5000,
      min: 100,
      max: 86_400_000,
    },
    warmup: {
      what: 'warm-up of each level and probe, ms',
      smoke: 100,
      quick: 100,
      full: 500,
      min: 0,
      max: 600_000,
    },
    tolerance: {
      what: 'how narrow the edge is bisected, as a share of the rate',
      smoke: 0.1,
      quick: 0.08,
      full: 0.02,
      min: 0.001,
      max: 1,
    },
    connections: {
      what: 'connections of the probes at most',
      smoke: 500,
      quick: 500,
      full: 1000,
      min: 1,
      max: 10_000,
    },
    maxRate: {
      what: 'never probed above, calls/s',
      smoke: 100_000,
      quick: 100_000,
      full: 100_000,
      min: 0.01,
      max: 10_000_000,
    },
    budget: {
      what: 'time of the whole search at most, ms',
      smoke: 4000,
      quick: 6500,
      full: 300_000,
      min: 100,
      max: 86_400_000,
    },
  },
  needs: (parameters, bench) =>
    connectionsNeeded(
      Math.max(Number(parameters['connections']), ...(parameters['levels'] as number[])),
      bench,
    ),
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) => {
    const levels = (parameters['levels'] as number[]).length + Number(parameters['refine']);
    const level = Number(parameters['duration']) + Number(parameters['warmup']) + spareMs;
    return levels * level + Number(parameters['budget']) + 2 * mostRecoveryMs;
  },
  async run(context) {
    const measured = await closedLevels(context);
    const findings = levelFindings(measured.levels, measured.levels[0]?.part.plan.seed ?? 1);
    const best = findings.best === undefined ? 0 : (levelThroughput(findings.best).value ?? 0);
    const alone = measured.levels[0]?.part.parts.metrics['latency.p50']?.value;
    if (best <= 0 || alone == null) return withoutSearch(measured, 'no call came out ok');
    if (measured.died !== undefined) return withoutSearch(measured, 'the target ended');
    if (measured.recovery?.tookMs === null)
      return withoutSearch(
        measured,
        'after the closed levels the target did not answer single calls any more',
      );
    const question = questionOf(context, { best, aloneMs: alone });
    const result = await searchSlo(context, question);
    return outcomeOf(measured, findings, question, result);
  },
};

async function closedLevels(context: TestContext): Promise<MeasuredLevels> {
  const timing = { durationMs: context.number('duration'), warmupMs: context.number('warmup') };
  const levels = context.list('levels');
  const measured = await measureLevels(context, levels, timing);
  const { knee } = levelFindings(measured.levels, 1);
  const most = context.number('refine');
  if (most === 0 || knee === null || measured.ended !== undefined || measured.recovery?.tookMs === null)
    return measured;
  const highest = Math.max(...levels);
  const wanted = refineLevels(levels, knee.concurrency, most).filter((level) => level < highest);
  const refined = await measureLevels(context, wanted, timing);
  // The highest level came first: unless the target stands still by now, what it took to recover from that is what matters.
  const recovery = refined.recovery?.tookMs === null ? refined.recovery : measured.recovery;
  const all = [...measured.levels, ...refined.levels];
  return { ...refined, levels: all, ...(recovery === undefined ? {} : { recovery }) };
}

function questionOf(context: TestContext, { best, aloneMs }: { best: number; aloneMs: number }): SloQuestion {
  const given = context.number('p99');
  const maxRate = context.number('maxRate');
  return {
    objectiveMs: given > 0 ? given : Math.max(leastObjectiveMs, objectiveFactor * aloneMs),
    search: {
      // Whole numbers read better, and a rate of half the best throughput mostly holds.
      startRate: Math.min(maxRate, best > 20 ? Math.round(best / 2) : best / 2),
      maxRate,
      tolerance: context.number('tolerance'),
    },
    probeMs: context.number('probe'),
    warmupMs: context.number('warmup'),
    pauseMs: 100,
    connections: context.number('connections'),
    budgetMs: context.number('budget'),
  };
}

function withoutSearch({ levels, ended, died }: MeasuredLevels, why: string): TestOutcome {
  const joined = joinedParts(levels.map(({ part }) => part));
  return {
    ...joined,
    metrics: countsOnly(joined.metrics),
    notJudged: [...(joined.notJudged ?? []), `the search: ${why}`],
    ...(ended === undefined ? {} : { notes: [`Raising the load ended: ${ended}.`, ...(joined.notes ?? [])] }),
    ...(died === undefined ? {} : { status: 'error', reason: `the target ended: ${died}` }),
  };
}

function outcomeOf(
  { levels, ended, recovery }: MeasuredLevels,
  findings: ReturnType<typeof levelFindings>,
  question: SloQuestion,
  result: SloResult,
): TestOutcome {
  const held = result.probes.filter((probe) => probe.outcome === 'pass').map((probe) => probe.part);
  const joined = joinedParts([...levels.map(({ part }) => part), ...held]);
  const { usl } = findings;
  const metrics: Metrics = {
    ...countsOnly(joined.metrics),
    ...findingMetrics(findings),
    'capacity.slo_rate': { value: result.rate, unit: 'ops/s' },
  };
  const died = result.probes.map(({ part, recovery }) => part.report.died ?? recovery?.died).find(Boolean);
  const sentence = sentenceOf(question, result);
  return {
    ...joined,
    metrics,
    finding: sentence.finding,
    notes: [
      ...sentence.notes,
      ...(usl.kind === 'fit' ? [uslSentence(usl)] : []),
      ...findings.notes,
      ...(ended === undefined ? [] : [`Raising the closed load ended: ${ended}.`]),
      ...(recovery === undefined ? [] : recoveryNotes('the closed levels', recovery)),
      ...(joined.notes ?? []),
    ],
    notJudged: [...(joined.notJudged ?? []), ...sentence.notJudged],
    details: {
      ...levelDetails(levels, usl),
      slo: {
        objective_ms: question.objectiveMs,
        percentile: 'p99',
        arrivals: 'constant',
        rate: result.rate,
        interval: result.interval,
        ended: result.ended,
        probes: result.probes.map(({ rate, outcome, judgement, part, recovery }) => ({
          rate,
          outcome,
          reason: judgement.reason,
          share_over: judgement.share,
          share_over_ci95: judgement.shareCi95,
          p99: part.parts.metrics['latency.p99']?.value ?? null,
          ...(recovery === undefined ? {} : { recovery_ms: recovery.tookMs }),
        })),
      },
    },
    ...(died === undefined ? {} : { status: 'error', reason: `the target ended during the search: ${died}` }),
  };
}

function sentenceOf(
  question: SloQuestion,
  { rate, interval, ended, probes }: SloResult,
): { finding: string; notes: string[]; notJudged: string[] } {
  const objective = `p99 < ${figure(question.objectiveMs)} ms`;
  const [, broken] = interval;
  const undecided = rate === null && !probes.some((probe) => probe.outcome === 'fail');
  const finding = undecided
    ? `whether ${objective} holds is undecided: ${probes.length === 0 ? 'no probe fits the time' : 'the generator was late, or too few calls were made'}`
    : rate === null
      ? `${objective} held at no rate that was tried${broken === null ? '' : `, down to ${figure(broken)} calls/s`}`
      : `${objective} held up to ${figure(rate)} calls/s${broken === null ? '' : ` and not at ${figure(broken)}`}`;
  const last = probes.at(-1)?.rate ?? question.search.startRate;
  const unfinished = {
    edge: undefined,
    'max-rate': undefined,
    'min-rate': undefined,
    generator: undefined,
    probes: `the edge: still unclear after ${probes.length} probes`,
    time: `the edge: time was up after ${probes.length} probes (one takes ${figure(probeTime(question, last) / 1000)} s; see budget)`,
    stopped: 'the edge: the run was stopped',
    died: 'the edge: the target ended',
    stuck: `the edge: after ${figure(last)} calls/s the target did not answer a single call in time, and the search ended`,
  }[ended];
  const notes: string[] = [];
  if (ended === 'generator')
    notes.push('The generator was at its limit at the edge: the server may hold more than that.');
  if (ended === 'max-rate') notes.push('Not probed above: maxRate was reached, the server may hold more.');
  const slowest = probes
    .filter(({ recovery }) => recovery !== undefined)
    .sort((a, b) => (b.recovery!.tookMs ?? Infinity) - (a.recovery!.tookMs ?? Infinity))[0];
  if (slowest !== undefined)
    notes.push(...recoveryNotes(`${figure(slowest.rate)} calls/s`, slowest.recovery!));
  return { finding, notes, notJudged: unfinished === undefined ? [] : [unfinished] };
}
