import {
  callsToPass,
  judgeProbe,
  nextSloStep,
  type Probe,
  type ProbeJudgement,
  type SloSearchPlan,
  type SloStep,
} from '../../analysis/index.js';
import { sleep } from '../../core/clock.js';
import { seededRandom } from '../../core/random.js';
import { figure } from '../figure.js';
import { mostRecoveryMs, recovery, type Recovery } from '../levels/recovery.js';
import type { LoadedPart, TestContext } from '../suite-test.js';
import { probeIntervals } from './probe-intervals.js';

/** What to search for, and within which bounds. Times in ms, rates in calls/s. */
export interface SloQuestion {
  /** The limit that the p99 is to hold. */
  objectiveMs: number;
  search: SloSearchPlan;
  /** A probe lasts this long, and longer where a p99 needs more calls. */
  probeMs: number;
  warmupMs: number;
  /** Between probes, so that the server is done with the one before. */
  pauseMs: number;
  /** Connections that carry the calls, at most. */
  connections: number;
  /** No probe begins that would end later than this from now. */
  budgetMs: number;
}

/** One probe of the search. */
export interface DoneProbe extends Probe {
  judgement: ProbeJudgement;
  part: LoadedPart;
  /** What came after it, unless it held. */
  recovery?: Recovery;
}

/**
 * How the search ended. `time`: the budget was used up; `stopped`: the run was; `died`: the target did; `stuck`: it answered
 * nothing any more.
 */
export interface SloResult {
  /** The highest rate that held; null where none did. */
  rate: number | null;
  /** The edge lies between a rate that held and one that did not; null where it was not seen. */
  interval: [number | null, number | null];
  ended: Extract<SloStep, { kind: 'result' }>['ended'] | 'time' | 'stopped' | 'died' | 'stuck';
  probes: DoneProbe[];
}

/** The share of calls that a p99 lets be slower. */
const allowedShare = 0.01;
/** Where the budget is used up, a target still has this long to answer again, ms. */
const leastRecoveryMs = 1000;
/** More calls than just enough to pass: one slow call among them must not leave a probe undecided. */
const spareCalls = 1.6;

/**
 * Looks for the highest rate of constant arrivals whose p99 holds, as METHODS says: double, bisect, repeat the edge.
 *
 * @throws DynoError where a probe cannot be opened at all.
 */
export async function searchSlo(context: TestContext, question: SloQuestion): Promise<SloResult> {
  const began = performance.now();
  const probes: DoneProbe[] = [];
  const soFar = (ended: SloResult['ended']): SloResult => {
    const { rate, interval } = edgeOf(probes);
    return { rate, interval, ended, probes };
  };
  for (;;) {
    if (context.stop.aborted) return soFar('stopped');
    const step = nextSloStep(question.search, probes);
    if (step.kind === 'result') return { ...step, probes };
    const left = question.budgetMs - (performance.now() - began);
    // One probe says more than none, if it is not all too long.
    if (probeTime(question, step.rate) > (probes.length === 0 ? 2 * left : left)) return soFar('time');
    const probe = await runProbe(context, question, step.rate, probes.length + 1);
    if (context.stop.aborted) return soFar('stopped');
    probes.push(probe);
    if (probe.part.report.died !== undefined) return soFar('died');
    await sleep(question.pauseMs);
    if (probe.outcome === 'pass') continue;
    const waitMs = Math.min(
      mostRecoveryMs,
      Math.max(leastRecoveryMs, question.budgetMs - (performance.now() - began)),
    );
    probe.recovery = await recovery(context, waitMs);
    if (context.stop.aborted) return soFar('stopped');
    if (probe.recovery.died !== undefined) return soFar('died');
    if (probe.recovery.tookMs === null) return soFar('stuck');
  }
}

/** How long one probe takes, ms. */
export function probeTime({ probeMs, warmupMs, pauseMs }: SloQuestion, rate: number): number {
  const needed = (1000 * spareCalls * callsToPass(allowedShare)) / rate;
  return warmupMs + Math.max(probeMs, needed) + pauseMs;
}

async function runProbe(
  context: TestContext,
  question: SloQuestion,
  rate: number,
  number: number,
): Promise<DoneProbe> {
  const { objectiveMs, warmupMs, pauseMs, connections } = question;
  // Calls that are under way at the objective, by Little's law: half as many again shows that more would not help.
  const underWay = (rate * objectiveMs) / 1000;
  const part = await context.load(
    {
      executor: {
        kind: 'constant-arrival-rate',
        rate,
        durationMs: Math.ceil(probeTime(question, rate) - warmupMs - pauseMs),
        vus: Math.min(connections, Math.ceil(1.5 * underWay) + 8),
        arrivals: 'constant',
        maxWaiting: Math.ceil(2 * underWay) + 20,
      },
      warmup: warmupMs > 0 ? { kind: 'time', ms: warmupMs } : { kind: 'none' },
      gracefulStopMs: Math.ceil(4 * objectiveMs) + 500,
    },
    `probe ${number}: ${figure(rate)} calls/s`,
  );
  const judgement = judgeProbe({
    intervals: probeIntervals(part.report, objectiveMs),
    allowedShare,
    limited: part.parts.generator?.limited === true,
    random: seededRandom(part.plan.seed).fork(`probe ${number}`),
  });
  return { rate, outcome: judgement.outcome, judgement, part };
}

/** What is known of the edge where a search did not come to its end: the most of a rate's probes decide. */
function edgeOf(probes: readonly Probe[]): Pick<SloResult, 'rate' | 'interval'> {
  const rates = [...new Set(probes.map((probe) => probe.rate))].sort((a, b) => a - b);
  const holds = (rate: number) => {
    const own = probes.filter((probe) => probe.rate === rate);
    return own.filter((probe) => probe.outcome === 'pass').length > own.length / 2;
  };
  const broken = rates.find((rate) => !holds(rate)) ?? null;
  const held = rates.filter((rate) => holds(rate) && (broken === null || rate < broken)).at(-1) ?? null;
  return { rate: held, interval: [held, broken] };
}
