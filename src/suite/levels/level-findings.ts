import {
  findKnee,
  fitUsl,
  type Knee,
  type LevelPoint,
  type UslFit,
  type UslInterval,
} from '../../analysis/index.js';
import type { JsonObject } from '../../core/json.js';
import { seededRandom } from '../../core/random.js';
import type { Metric, Metrics } from '../../core/run-result.js';
import { levelThroughput } from './level-throughput.js';
import type { Level } from './measure-levels.js';

/** Best throughput, knee and scalability law of some levels. */
export interface LevelFindings {
  best: Level | undefined;
  knee: Knee | null;
  usl: UslFit;
  /** What a reader must know of them, a sentence each. */
  notes: string[];
}

const throughputOf = (level: Level) => levelThroughput(level).value ?? 0;
const isLimited = ({ part }: Level) => part.parts.generator?.limited === true;

/**
 * What levels say of a server. The law is fitted to the levels at which the generator was not the limit; where it was, best
 * throughput and knee are lower bounds, and a note says so.
 *
 * @param seed of the bootstrap.
 */
export function levelFindings(levels: readonly Level[], seed: number): LevelFindings {
  const notes: string[] = [];
  const limited = levels.filter(isLimited);
  const point = (level: Level): LevelPoint => ({
    concurrency: level.inFlight,
    throughput: throughputOf(level),
  });
  const clean = levels.filter((level) => !isLimited(level));
  const usl = fitUsl(clean.map(point), { random: seededRandom(seed).fork('scalability law') });
  const best = levels.reduce<Level | undefined>(
    (most, level) => (most === undefined || throughputOf(level) > throughputOf(most) ? level : most),
    undefined,
  );
  if (limited.length > 0) {
    const where = limited.map((level) => level.inFlight).join(', ');
    notes.push(
      `The generator was at its limit with ${where} in flight: the server may carry more than was measured there, and the ` +
        'scalability law leaves those levels out.',
    );
  }
  const alone = levels.find((level) => level.inFlight === 1);
  const unloadedMs = alone?.part.parts.metrics['latency.mean']?.value ?? 0;
  return { best, knee: findKnee(levels.map(point), unloadedMs), usl, notes };
}

/** `capacity.*` and `usl.*` of the findings. */
export function findingMetrics({ best, knee, usl }: LevelFindings): Metrics {
  const metrics: Metrics = {};
  const throughput = best === undefined ? undefined : levelThroughput(best);
  if (best !== undefined && throughput !== undefined) {
    metrics['capacity.max_throughput'] = throughput;
    metrics['capacity.best_concurrency'] = { value: best.inFlight, unit: 'count' };
  }
  if (knee !== null) {
    // The unloaded response time is a mean of many calls: the throughput's interval is the knee's.
    const perCall = knee.concurrency / knee.maxThroughput;
    const ci = throughput?.ci95;
    metrics['capacity.knee_concurrency'] = {
      value: knee.concurrency,
      unit: 'count',
      ci95: ci == null ? null : [Math.max(1, ci[0] * perCall), Math.max(1, ci[1] * perCall)],
    };
  }
  if (usl.kind === 'fit') {
    metrics['usl.lambda'] = interval(usl.lambda, 'ops/s');
    metrics['usl.sigma'] = interval(usl.sigma, '');
    metrics['usl.kappa'] = interval(usl.kappa, '');
    if (usl.peak !== null) metrics['usl.peak_concurrency'] = { value: usl.peak.concurrency, unit: 'count' };
  }
  return metrics;
}

function interval({ value, ci95 }: UslInterval, unit: string): Metric {
  return { value, unit, ci95 };
}

/** `details.levels` and `details.usl`, as reports draw them; levels in rising order. */
export function levelDetails(levels: readonly Level[], usl: UslFit): JsonObject {
  const rising = [...levels].sort((a, b) => a.inFlight - b.inFlight);
  return {
    levels: rising.map((level) => {
      const {
        inFlight,
        part: { parts },
      } = level;
      const value = (name: string) => parts.metrics[name]?.value ?? null;
      const { value: throughput, ci95: ci } = levelThroughput(level);
      return {
        in_flight: inFlight,
        throughput,
        ...(ci == null ? {} : { throughput_ci95: ci }),
        success_rate: value('success_rate'),
        p50: value('latency.p50'),
        p99: value('latency.p99'),
        limited: parts.generator?.limited === true,
      };
    }),
    usl: usl as unknown as JsonObject,
  };
}

/** Figures of each level as `at_N.*`. */
export function levelMetrics(levels: readonly Level[]): Metrics {
  const metrics: Metrics = {};
  for (const level of levels) {
    const { inFlight, part } = level;
    metrics[`at_${inFlight}.throughput`] = levelThroughput(level);
    for (const name of ['success_rate', 'latency.mean', 'latency.p50', 'latency.p99']) {
      const metric = part.parts.metrics[name];
      if (metric !== undefined) metrics[`at_${inFlight}.${name}`] = metric;
    }
  }
  return metrics;
}

/** What the law says, or why it says nothing: a sentence. */
export function uslSentence(usl: UslFit): string {
  if (usl.kind === 'refused') return `No scalability law: ${usl.reason}.`;
  const { lambda, sigma, kappa, peak } = usl;
  const figure = ({ value, ci95 }: UslInterval) =>
    `${Number(value.toPrecision(3))}${ci95 === null ? '' : ` (${ci95.map((end) => Number(end.toPrecision(3))).join(' to ')})`}`;
  const top =
    peak === null
      ? 'throughput levels off without a peak'
      : `its peak is at ${Math.round(peak.concurrency)} in flight${peak.extrapolated ? ', beyond what was measured' : ''}`;
  return `Scalability law: λ ${figure(lambda)}/s, σ ${figure(sigma)}, κ ${figure(kappa)}; ${top}.`;
}
