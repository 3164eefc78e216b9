/** How often 95 % intervals hold the truth. */
import {
  batchMeansInterval,
  bcaInterval,
  mean,
  meanInterval,
  rateInterval,
  signedRankInterval,
  sortedPercentile,
} from 'mcp-dyno/analysis';
import { seededRandom } from '../../dist/core/index.js';

const sample = (n, draw) => Array.from({ length: n }, draw);

/** [name, truth, interval of one sample, the least that must be covered] */
const cases = [
  ['p50 of 100 exponential samples', Math.LN2, (r) => percentile(r, 100, 0.5), 93],
  ['p95 of 200', -Math.log(0.05), (r) => percentile(r, 200, 0.95), 93],
  ['p99 of 1,000', -Math.log(0.01), (r) => percentile(r, 1000, 0.99), 93],
  ['mean of 30 normal values', 5, (r) => meanInterval(sample(30, () => r.normal(5, 2))), 92],
  [
    'mean of an AR(1) series of 1,000, φ = 0.8, batch means',
    0,
    (r) => batchMeansInterval(autocorrelated(r)),
    89,
  ],
  [
    'success rate 0.98 of 300 (Wilson)',
    0.98,
    (r) => rateInterval(sample(300, () => r.next()).filter((x) => x < 0.98).length, 300),
    92,
  ],
  ['signed-rank centre of 10', 3, (r) => signedRankInterval(sample(10, () => r.normal(3, 1))), 93],
  [
    'BCa mean of 30 exponential values',
    1,
    (r) =>
      bcaInterval(
        sample(30, () => r.exponential(1)),
        mean,
        { random: r, resamples: 500 },
      ),
    88,
  ],
];

function percentile(random, n, q) {
  return sortedPercentile(Float64Array.from(sample(n, () => random.exponential(1))).sort(), q).ci95;
}

function autocorrelated(random) {
  let value = 0;
  return sample(1000, () => (value = 0.8 * value + random.normal(0, 1)));
}

/** @returns {import('./run.js').Table} */
export function intervals(replications) {
  const runs = Math.max(replications, 1000);
  const rows = [];
  const bars = [];
  for (const [name, truth, interval, least] of cases) {
    const random = seededRandom(name);
    let held = 0;
    for (let i = 0; i < runs; i++) {
      const [low, high] = interval(random);
      if (low <= truth && truth <= high) held++;
    }
    const percent = (100 * held) / runs;
    rows.push([name, percent.toFixed(1)]);
    bars.push({ what: `${name}: at least ${least} of 100`, pass: percent >= least });
  }
  return {
    title: `95 % intervals that hold the truth, of 100 (${runs} each)`,
    head: ['interval', 'hold'],
    rows,
    bars,
  };
}
