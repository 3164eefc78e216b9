/** How to look for the highest rate that holds an objective. Rates are calls per second. */
export interface SloSearchPlan {
  startRate: number;
  /** Never probed below; default a hundredth of the start. */
  minRate?: number;
  /** Never probed above. */
  maxRate: number;
  /** Bisect until the edge is this narrow, relative; default 0.04. */
  tolerance?: number;
  /** How often each side of the edge is probed; default 3. */
  edgeRepeats?: number;
  /** Give up after so many probes; default 40. */
  maxProbes?: number;
}

/** One probe, done. */
export interface Probe {
  rate: number;
  outcome: 'pass' | 'fail' | 'unclear' | 'limited';
}

/** What to do next, or the result. */
export type SloStep =
  | { kind: 'probe'; rate: number; phase: 'double' | 'bisect' | 'edge' }
  | {
      kind: 'result';
      /** The highest rate that held (the most of its probes passed); null when none did. */
      rate: number | null;
      /** The edge lies between these: a rate that held and one that did not; null where it was never seen. */
      interval: [number | null, number | null];
      /** Why it stopped: at the edge; at the plan's limits; the generator's end; or the number of probes. */
      ended: 'edge' | 'max-rate' | 'min-rate' | 'generator' | 'probes';
      probes: number;
    };

/**
 * The next step of a search, from all probes so far: double the rate until the objective breaks (or halve it until it
 * holds), bisect the edge, then repeat both of its sides. A side that changes its mind (the most of its probes decide;
 * `unclear` and `limited` do not hold) moves the edge, and the search goes on. Pure: the same probes give the same step.
 */
export function nextSloStep(plan: SloSearchPlan, probes: readonly Probe[]): SloStep {
  const { startRate, maxRate, tolerance = 0.04, edgeRepeats = 3, maxProbes = 40 } = plan;
  const minRate = plan.minRate ?? startRate / 100;
  if (probes.length === 0) return { kind: 'probe', rate: Math.min(startRate, maxRate), phase: 'double' };

  const levels = levelsOf(probes);
  const high = levels.find((level) => !level.holds);
  const low = levels.filter((level) => level.holds && (!high || level.rate < high.rate)).at(-1);
  const result = (ended: Extract<SloStep, { kind: 'result' }>['ended']): SloStep => ({
    kind: 'result',
    rate: low?.rate ?? null,
    interval: [low?.rate ?? null, high?.rate ?? null],
    ended,
    probes: probes.length,
  });
  if (probes.length >= maxProbes) return result('probes');
  const again = (level: Level): SloStep => ({ kind: 'probe', rate: level.rate, phase: 'edge' });

  if (!high) {
    const best = low!;
    if (best.rate < maxRate)
      return { kind: 'probe', rate: Math.min(2 * best.rate, maxRate), phase: 'double' };
    return best.probes < edgeRepeats ? again(best) : result('max-rate');
  }
  if (!low) {
    if (high.rate > minRate)
      return { kind: 'probe', rate: Math.max(high.rate / 2, minRate), phase: 'double' };
    return high.probes < edgeRepeats ? again(high) : result(high.limited ? 'generator' : 'min-rate');
  }
  if (high.rate - low.rate > tolerance * low.rate) {
    return { kind: 'probe', rate: (low.rate + high.rate) / 2, phase: 'bisect' };
  }
  if (low.probes < edgeRepeats) return again(low);
  if (high.probes < edgeRepeats) return again(high);
  return result(high.limited ? 'generator' : 'edge');
}

interface Level {
  rate: number;
  probes: number;
  holds: boolean;
  limited: boolean;
}

/** Whether more than half of a level's probes saw the objective break: then one in which the generator was late changes nothing. */
function brokenBy(probes: readonly Probe[]): boolean {
  return probes.filter((probe) => probe.outcome === 'fail').length > probes.length / 2;
}

/** The probes by rate, ascending; a level holds when more than half of its probes passed. */
function levelsOf(probes: readonly Probe[]): Level[] {
  const byRate = new Map<number, Probe[]>();
  for (const probe of probes) byRate.set(probe.rate, [...(byRate.get(probe.rate) ?? []), probe]);
  return [...byRate]
    .map(([rate, own]) => ({
      rate,
      probes: own.length,
      holds: own.filter((probe) => probe.outcome === 'pass').length > own.length / 2,
      limited: !brokenBy(own) && own.some((probe) => probe.outcome === 'limited'),
    }))
    .sort((a, b) => a.rate - b.rate);
}
