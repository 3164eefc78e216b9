/** Two builds compared in pairs, with pairs added as the method asks: verdicts by noise and true ratio. */
import { comparePairs } from 'mcp-dyno/analysis';
import { seededRandom } from '../../dist/core/index.js';

const metrics = ['latency.p50', 'latency.p95', 'latency.p99', 'throughput', 'success_rate'];
const noises = [0.005, 0.01, 0.02, 0.03, 0.04, 0.06];
const ratios = [1, 1.03, 1.05, 1.1, 0.9];

/**
 * A block of a server. `noise` is the relative standard deviation of p50 and throughput between fresh processes; p95 has twice
 * and p99 five times of it, half of it in common. `wild`: 8 % of the blocks are a quarter slower, whatever the build. `drift`: the
 * machine wanders.
 */
function blocks(random, noise, shape) {
  let wander = 0;
  return (ratio) => {
    wander = shape === 'drift' ? 0.9 * wander + random.normal(0, noise) : 0;
    const wild = shape === 'wild' && random.next() < 0.08 ? 1.25 : 1;
    const common = random.normal(0, 1);
    const wobble = (scale) =>
      wild * Math.exp(wander + scale * noise * (0.7 * common + 0.7 * random.normal(0, 1)));
    return {
      'latency.p50': 2.3 * ratio * wobble(1),
      'latency.p95': 2.9 * ratio * wobble(2),
      'latency.p99': 4 * ratio * wobble(5),
      throughput: 420 / (ratio * wobble(1)),
      success_rate: 1,
    };
  };
}

function compare(seed, noise, shape, ratio) {
  const random = seededRandom(seed);
  const block = blocks(random, noise, shape);
  const pairs = [];
  for (let target = 10; ;) {
    while (pairs.length < target) {
      const first = random.next() < 0.5;
      const one = block(first ? 1 : ratio);
      const two = block(first ? ratio : 1);
      pairs.push(first ? { a: one, b: two } : { a: two, b: one });
    }
    const found = comparePairs(pairs, { metrics });
    if (found.continueTo === null) return found;
    target = found.continueTo;
  }
}

/** @returns {import('./run.js').Table} */
export function comparison(replications) {
  const rows = [];
  const bars = [];
  for (const shape of ['normal', 'wild', 'drift']) {
    for (const noise of noises) {
      const row = [shape, `${100 * noise} %`];
      for (const ratio of ratios) {
        const counts = { regression: 0, improvement: 0, equivalent: 0, inconclusive: 0 };
        let covered = 0;
        let pairs = 0;
        for (let i = 0; i < replications; i++) {
          const found = compare(`${shape} ${noise} ${ratio} ${i}`, noise, shape, ratio);
          counts[found.verdict]++;
          pairs += found.pairs;
          const [low, high] = found.metrics[0].ci95;
          if (low <= ratio && ratio <= high) covered++;
        }
        const percent = (count) => Math.round((100 * count) / replications);
        const { regression, improvement, equivalent, inconclusive } = counts;
        row.push(
          `${percent(regression)} / ${percent(improvement)} / ${percent(equivalent)} / ${percent(inconclusive)}, ` +
            `${Math.round(pairs / replications)} pairs, ${percent(covered)} covered`,
        );
        const bar = (what, pass) =>
          bars.push({ what: `${shape} noise of ${100 * noise} %, ratio ${ratio}: ${what}`, pass });
        if (ratio === 1) {
          bar('called different in at most 2 of 100', percent(regression + improvement) <= 2);
          if (shape === 'normal' && noise <= 0.03)
            bar('equivalent in at least 85 of 100', percent(equivalent) >= 85);
        }
        if (ratio === 1.1 && shape === 'normal' && noise <= 0.04) {
          bar('regression in at least 99 of 100', percent(regression) >= 99);
        }
        if (ratio === 1.03)
          bar('at the edge of the tolerance, called in at most 5 of 100', percent(regression) <= 5);
        bar('the interval holds the true ratio in at least 93 of 100', percent(covered) >= 93);
      }
      rows.push(row);
    }
  }
  return {
    title: 'Paired comparison: regression / improvement / equivalent / inconclusive, of 100',
    head: ['noise', 'between fresh processes', ...ratios.map((ratio) => `true ratio ${ratio}`)],
    rows,
    bars: summarised(bars),
  };
}

/** One line for all bars of a kind that hold; each that does not by itself. */
function summarised(bars) {
  const kinds = new Map();
  for (const { what, pass } of bars) {
    const kind = what.slice(what.indexOf(': ') + 2);
    const known = kinds.get(kind) ?? { met: 0, missed: [] };
    if (pass) known.met++;
    else known.missed.push({ what, pass });
    kinds.set(kind, known);
  }
  return [...kinds].flatMap(([kind, { met, missed }]) => [
    ...(met > 0 ? [{ what: `${kind} (${met} of ${met + missed.length} cells)`, pass: true }] : []),
    ...missed,
  ]);
}
