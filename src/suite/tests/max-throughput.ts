import { refineLevels } from '../../analysis/index.js';
import { connectionsNeeded } from '../connections-needed.js';
import { figure } from '../figure.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { countsOnly } from '../levels/counts-only.js';
import {
  findingMetrics,
  levelDetails,
  levelFindings,
  levelMetrics,
  uslSentence,
  type LevelFindings,
} from '../levels/level-findings.js';
import { levelThroughput } from '../levels/level-throughput.js';
import { mostRecoveryMs, recoveryNotes } from '../levels/recovery.js';
import { measureLevels, type MeasuredLevels } from '../levels/measure-levels.js';
import { joinedParts } from './joined-parts.js';

const spareMs = 1500;

/** More and more calls in flight: the best throughput, where it is, and how the server scales. */
export const maxThroughput: SuiteTest = {
  id: 'max-throughput',
  title: 'The best throughput, and where it is',
  tags: ['stress', 'slow'],
  originalName: 'test_maximum_throughput',
  explain:
    'Holds more and more calls in flight, level by level, and gives the best throughput and the level it was measured at, the ' +
    'knee (where the best throughput meets the response time of a lone call: more in flight only wait), and a fit of the ' +
    'Universal Scalability Law with intervals where it fits. In the full profile further levels are measured around the ' +
    'knee. Raising ends early when fewer than half of the calls come out ok. Decides PERF_MIN_MAX_THROUGHPUT.',
  parameters: {
    levels: {
      what: 'calls in flight, level by level',
      smoke: [1, 10, 50],
      quick: [1, 5, 10, 20, 50, 100, 200, 500],
      full: [1, 5, 10, 20, 50, 100, 200, 500],
      min: 1,
      max: 10_000,
    },
    duration: {
      what: 'time of each level, ms',
      smoke: 300,
      quick: 1000,
      full: 10_000,
      min: 1,
      max: 86_400_000,
    },
    warmup: { what: 'warm-up of each level, ms', smoke: 50, quick: 100, full: 500, min: 0, max: 600_000 },
    refine: { what: 'further levels around the knee', smoke: 0, quick: 0, full: 4, min: 0, max: 6 },
  },
  needs: (parameters, bench) => connectionsNeeded(Math.max(...(parameters['levels'] as number[])), bench),
  limitMs: (parameters) => {
    const levels = (parameters['levels'] as number[]).length + Number(parameters['refine']);
    return (
      levels * (Number(parameters['duration']) + Number(parameters['warmup']) + spareMs) + 2 * mostRecoveryMs
    );
  },
  async run(context) {
    const timing = { durationMs: context.number('duration'), warmupMs: context.number('warmup') };
    const measured = await measureLevels(context, context.list('levels'), timing);
    const refined = await refine(context, measured, timing);
    const levels = [...measured.levels, ...refined.levels];
    const died = measured.died ?? refined.died;
    const all = { ...measured, levels, ...(died === undefined ? {} : { died }) };
    return outcomeOf(all, levelFindings(levels, levels[0]?.part.plan.seed ?? 1));
  },
};

async function refine(
  context: TestContext,
  { levels, died, recovery }: MeasuredLevels,
  timing: { durationMs: number; warmupMs: number },
): Promise<MeasuredLevels> {
  const most = context.number('refine');
  const { knee } = levelFindings(levels, 1);
  if (most === 0 || knee === null || context.stop.aborted) return { levels: [] };
  if (died !== undefined || recovery?.tookMs === null) return { levels: [] };
  const known = levels.map((level) => level.inFlight);
  const highest = Math.max(...known);
  const wanted = refineLevels(known, knee.concurrency, most).filter((level) => level < highest);
  return await measureLevels(context, wanted, timing);
}

function outcomeOf({ levels, ended, died, recovery }: MeasuredLevels, findings: LevelFindings): TestOutcome {
  const joined = joinedParts(levels.map(({ part }) => part));
  const last = levels.find(({ part }) => part.report.died !== undefined);
  const { best, knee, usl } = findings;
  const notes = [uslSentence(usl), ...findings.notes];
  if (ended !== undefined) notes.unshift(`The load was raised no further: ${ended}.`);
  // The highest level is the last before a recovery: those around the knee come after it, and are lower.
  if (recovery !== undefined)
    notes.push(
      ...recoveryNotes(`${Math.max(...levels.map(({ inFlight }) => inFlight))} in flight`, recovery),
    );
  const notJudged = [
    ...(joined.notJudged ?? []),
    ...(knee === null ? ['knee: it takes the response time with one call in flight'] : []),
    ...(usl.kind === 'refused' ? [`scalability law: ${usl.reason}`] : []),
  ];
  return {
    ...joined,
    metrics: { ...countsOnly(joined.metrics), ...findingMetrics(findings), ...levelMetrics(levels) },
    notes: [...notes, ...(joined.notes ?? [])],
    notJudged,
    details: levelDetails(levels, usl),
    ...(best === undefined ? {} : { finding: findingSentence(findings) }),
    ...(died === undefined
      ? {}
      : {
          status: 'error',
          reason: `the target ended ${last === undefined ? 'after the last level' : `with ${last.inFlight} in flight`}: ${died}`,
        }),
  };
}

function findingSentence({ best, knee }: LevelFindings): string {
  const throughput = levelThroughput(best!).value ?? 0;
  const at = `at most ${figure(throughput)} calls/s, with ${best!.inFlight} in flight`;
  return knee === null ? at : `${at}; knee at ${figure(knee.concurrency)}`;
}
