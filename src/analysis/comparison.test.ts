import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../core/index.js';
import { blockNoise, comparePairs, type Comparison, type Pair } from './comparison.js';
import { directionOf, traitsOf } from './metric-traits.js';
import { lookLevel, pairOrder, planLooks, voidReason, type BlockEvidence } from './pair-plan.js';

const metrics = ['latency.p50', 'latency.p95', 'latency.p99', 'throughput', 'success_rate'];

interface Effect {
  p50?: number;
  p99?: number;
}

/** A block of a server: fresh processes differ by `noise`, tails by more, and partly together. */
function block(random: Random, noise: number, { p50 = 1, p99 = p50 }: Effect): Pair['a'] {
  const common = random.normal(0, 1);
  const wobble = (scale: number) => Math.exp(scale * noise * (0.7 * common + 0.7 * random.normal(0, 1)));
  return {
    'latency.p50': 2.3 * p50 * wobble(1),
    'latency.p95': 2.9 * p50 * wobble(2),
    'latency.p99': 4 * p99 * wobble(5),
    throughput: 420 / (p50 * wobble(1)),
    success_rate: 1,
  };
}

/** Runs a comparison to its end, adding pairs as it asks for them. */
function compare(seed: string, noise: number, effect: Effect): Comparison {
  const random = seededRandom(seed);
  const pairs: Pair[] = [];
  for (let target = 10; ;) {
    while (pairs.length < target)
      pairs.push({ a: block(random, noise, {}), b: block(random, noise, effect) });
    const found = comparePairs(pairs, { metrics });
    if (found.continueTo === null) return found;
    target = found.continueTo;
  }
}

function share(
  runs: number,
  name: string,
  noise: number,
  effect: Effect,
  hit: (found: Comparison) => boolean,
) {
  let hits = 0;
  for (let run = 0; run < runs; run++) if (hit(compare(`${name} ${run}`, noise, effect))) hits++;
  return hits / runs;
}

// The long table of the same simulation is made by bench/analysis/comparison.js. Here few replications; the bars leave room for
// their own standard error.
describe('paired comparison, simulated', () => {
  it.each([0.005, 0.01, 0.02])('equal builds, noise %d: equivalent, never different', (noise) => {
    const verdicts = Array.from({ length: 60 }, (_, run) => compare(`aa ${noise} ${run}`, noise, {}).verdict);
    expect(verdicts.filter((verdict) => verdict === 'regression' || verdict === 'improvement').length).toBe(
      0,
    );
    expect(verdicts.filter((verdict) => verdict === 'equivalent').length).toBeGreaterThanOrEqual(54);
  });

  it.each([0.01, 0.03])('10 %% slower, noise %d: found, with the truth inside the interval', (noise) => {
    const effect = { p50: 1.1 };
    expect(
      share(60, 'slow', noise, effect, (found) => found.verdict === 'regression'),
    ).toBeGreaterThanOrEqual(0.98);
    const holds = (found: Comparison) => {
      const [low, high] = found.metrics[0]!.ci95!;
      return low <= 1.1 && 1.1 <= high;
    };
    expect(share(60, 'slow', noise, effect, holds)).toBeGreaterThanOrEqual(0.93);
  });

  it('10 % faster is an improvement', () => {
    expect(share(40, 'fast', 0.02, { p50: 0.9 }, (found) => found.verdict === 'improvement')).toBeGreaterThan(
      0.95,
    );
  });

  it('a p99 twice as high is found on p99, not on p50', () => {
    for (let run = 0; run < 20; run++) {
      const found = compare(`tail ${run}`, 0.02, { p99: 2 });
      const by = Object.fromEntries(found.metrics.map((metric) => [metric.metric, metric.verdict]));
      expect(found.verdict).toBe('regression');
      expect(by['latency.p99']).toBe('regression');
      expect(by['latency.p50']).not.toBe('regression');
    }
  });

  it('noise wider than the question is inconclusive, after the cap', () => {
    const found = compare('loud', 0.15, { p50: 1.1 });
    expect(found).toMatchObject({ verdict: 'inconclusive', pairs: 40, continueTo: null });
    expect(found.sentence).toMatch(/Not decided/);
  });

  it('a change at the very edge of the tolerance is called in at most 2 to 5 of 100', () => {
    expect(share(60, 'edge', 0.01, { p50: 1.03 }, (found) => found.verdict === 'regression')).toBeLessThan(
      0.07,
    );
  });
});

function pairsOf(count: number, a: Pair['a'], b: (i: number) => Pair['a']): Pair[] {
  return Array.from({ length: count }, (_, i) => ({ a, b: b(i) }));
}

describe('a comparison', () => {
  it('asks for more pairs before it judges', () => {
    const found = comparePairs(
      pairsOf(4, { throughput: 100 }, () => ({ throughput: 50 })),
      { metrics: ['throughput'] },
    );
    expect(found).toMatchObject({ verdict: 'inconclusive', continueTo: 10 });
  });

  it('calls a server that stopped answering worse', () => {
    const found = comparePairs(
      pairsOf(10, { throughput: 100, success_rate: 1 }, () => ({ throughput: 0, success_rate: 0 })),
      {
        metrics: ['throughput', 'success_rate'],
      },
    );
    expect(found.verdict).toBe('regression');
  });

  it('leaves out void pairs and says why, and metrics that are neither good nor bad', () => {
    const pairs = [
      ...pairsOf(10, { throughput: 100, offered_rate: 1 }, () => ({ throughput: 100, offered_rate: 9 })),
      { a: { throughput: 100 }, b: { throughput: 1 }, void: 'other machines took CPU time (steal)' },
    ];
    const found = comparePairs(pairs, { metrics: ['throughput', 'offered_rate'] });
    expect(found.verdict).toBe('equivalent');
    expect(found.metrics.map((metric) => metric.metric)).toEqual(['throughput']);
    expect(found.voided).toEqual({ 'other machines took CPU time (steal)': 1 });
  });

  it('does not decide on a metric that most pairs lack, or on none', () => {
    const found = comparePairs(
      pairsOf(10, { throughput: 9 }, (i) => ({ throughput: i < 6 ? null : 1 })),
      {
        metrics: ['throughput'],
      },
    );
    expect(found).toMatchObject({ verdict: 'inconclusive', continueTo: 16 });
    expect(
      comparePairs(
        pairsOf(10, {}, () => ({})),
        { metrics: [] },
      ).verdict,
    ).toBe('inconclusive');
  });

  it('lets the user’s tolerance accept a change', () => {
    const random = seededRandom('tolerance');
    const pairs = pairsOf(10, { throughput: 100 }, () => ({ throughput: 94 + random.normal(0, 0.3) }));
    expect(comparePairs(pairs, { metrics: ['throughput'] }).verdict).toBe('regression');
    expect(comparePairs(pairs, { metrics: ['throughput'], tolerance: 0.1 }).verdict).toBe('equivalent');
  });

  it('says the ratio with its interval', () => {
    const pairs = pairsOf(10, { 'latency.p50': 2 }, (i) => ({ 'latency.p50': 2.4 + i / 1000 }));
    expect(comparePairs(pairs, { metrics: ['latency.p50'] }).sentence).toBe(
      'B is worse, 10 pairs: latency.p50 +20.2 % (+20.1 % to +20.4 %).',
    );
  });
});

describe('noise between blocks of the same build', () => {
  it('is the spread of successive blocks', () => {
    const random = seededRandom('aa');
    const logs = Array.from({ length: 400 }, () => random.normal(0, 0.02));
    // The difference of two values scatters by the root of two.
    expect(blockNoise(logs)! / (0.02 * Math.SQRT2)).toBeCloseTo(1, 0);
    expect(blockNoise([1, 2, 3])).toBeNull();
  });
});

describe('the plan of pairs', () => {
  it.each([
    [10, 40, [10, 16, 26, 40]],
    [10, 10, [10]],
    [10, 12, [10, 12]],
    [20, 10, [10]],
  ])('from %d to %d: looks at %j', (min, max, looks) => {
    expect(planLooks(min, max)).toEqual(looks);
  });

  it('always ends at the cap within six looks', () => {
    for (let max = 1; max < 500; max += 7) {
      const looks = planLooks(10, max);
      expect(looks.at(-1)).toBe(max);
      expect(looks.length).toBeLessThanOrEqual(6);
    }
    expect(lookLevel(1)).toBe(0.05);
    expect(lookLevel(4)).toBe(0.0182);
  });

  it('keeps 5 % over all looks on equal builds', () => {
    const random = seededRandom('pocock');
    let alarms = 0;
    const runs = 600;
    for (let run = 0; run < runs; run++) {
      const d = Array.from({ length: 40 }, () => random.normal(0, 1));
      const looks = planLooks(10, 40);
      const hit = looks.some((look) => {
        const total = d.slice(0, look).reduce((sum, value) => sum + value, 0) / Math.sqrt(look);
        return Math.abs(total) > 2.361;
      });
      if (hit) alarms++;
    }
    expect(alarms / runs).toBeLessThan(0.075);
    expect(alarms / runs).toBeGreaterThan(0.02);
  });

  it('orders pairs evenly, and otherwise by chance', () => {
    const orders = pairOrder(40, seededRandom('order'));
    expect(orders.filter((order) => order === 'AB').length).toBe(20);
    expect(orders.slice(0, 10).filter((order) => order === 'AB').length).toBe(5);
    expect(orders).toEqual(pairOrder(40, seededRandom('order')));
    expect(orders).not.toEqual(pairOrder(40, seededRandom('another')));
  });

  it.each<[string, Partial<BlockEvidence>, RegExp | undefined]>([
    ['a limited generator', { limited: true }, /generator/],
    ['steal', { stealPercent: 6 }, /steal/],
    ['a little steal', { stealPercent: 2 }, undefined],
    ['another environment', { environment: '4 cores' }, /environment/],
    ['another mix', { mix: { echo: 50, add: 50 } }, /mix/],
    ['a mix that differs by chance alone', { mix: { echo: 8, add: 2 } }, undefined],
    ['nearly the same mix', { mix: { echo: 98, add: 2 } }, undefined],
    ['a server that died', { broken: 'the server died' }, /died/],
  ])('voids a pair for %s', (_, change, reason) => {
    const good: BlockEvidence = {
      limited: false,
      stealPercent: 0,
      mix: { echo: 100 },
      environment: '2 cores',
    };
    for (const found of [
      voidReason(good, { ...good, ...change }),
      voidReason({ ...good, ...change }, good),
    ]) {
      if (reason === undefined) expect(found).toBeUndefined();
      else expect(found).toMatch(reason);
    }
  });
});

describe('metric traits', () => {
  it.each([
    ['latency.p95', 'lower'],
    ['throughput', 'higher'],
    ['success_rate', 'higher'],
    ['failures.timeout', 'lower'],
    ['target.rss.max', 'lower'],
    ['capacity.slo_rate', 'higher'],
    ['usl.kappa', 'lower'],
    ['usl.lambda', 'higher'],
    ['search_time.mean', 'lower'],
    ['retrieval_time', 'lower'],
    ['record_rate', 'higher'],
    ['leak.bytes_per_call', 'lower'],
    ['schedule_lag.p99', 'none'],
    ['offered_rate', 'none'],
    ['calls.total', 'none'],
    ['unheard.of', 'none'],
  ])('%s: %s is better', (metric, direction) => {
    expect(directionOf(metric)).toBe(direction);
  });

  it('asks less of tails than of medians', () => {
    expect(traitsOf('latency.p50')).toMatchObject({ effect: 0.1, supporting: false });
    expect(traitsOf('latency.p95')).toMatchObject({ effect: 0.2, supporting: true });
    expect(traitsOf('latency.p99')).toMatchObject({ effect: 0.5, supporting: true });
  });
});
