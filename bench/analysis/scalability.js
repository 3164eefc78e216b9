/** Scalability curves of known coefficients, measured with noise at the levels of the max-throughput test. */
import { fitUsl, uslThroughput } from 'mcp-dyno/analysis';
import { seededRandom } from '../../dist/core/index.js';

const levels = [1, 5, 10, 20, 50, 100, 200, 500];
/** `least` of 100 curves within 10 %: what 2 % noise allows at all (Cramér and Rao) is 98, 83 and 100. */
const truths = [
  { lambda: 1000, sigma: 0.05, kappa: 0.0005, least: 90 },
  { lambda: 1000, sigma: 0.1, kappa: 0.0001, least: 65 },
  { lambda: 300, sigma: 0.3, kappa: 0.001, least: 90 },
];

/** @returns {import('./run.js').Table} */
export function scalability(replications) {
  const runs = Math.min(replications, 100);
  const rows = [];
  const bars = [];
  for (const truth of truths) {
    const near = { sigma: 0, kappa: 0, both: 0 };
    let held = 0;
    for (let i = 0; i < runs; i++) {
      const random = seededRandom(`usl ${truth.sigma} ${i}`);
      const points = levels.map((concurrency) => ({
        concurrency,
        throughput: uslThroughput(truth, concurrency) * (1 + random.normal(0, 0.02)),
      }));
      const fit = fitUsl(points, { random, resamples: 200 });
      if (fit.kind !== 'fit') continue;
      const sigma = Math.abs(fit.sigma.value / truth.sigma - 1) < 0.1;
      const kappa = Math.abs(fit.kappa.value / truth.kappa - 1) < 0.1;
      if (sigma) near.sigma++;
      if (kappa) near.kappa++;
      if (sigma && kappa) near.both++;
      if (fit.sigma.ci95[0] <= truth.sigma && truth.sigma <= fit.sigma.ci95[1]) held++;
    }
    const percent = (count) => Math.round((100 * count) / runs);
    const name = `σ ${truth.sigma}, κ ${truth.kappa}`;
    rows.push([name, ...[near.sigma, near.kappa, near.both, held].map((count) => `${percent(count)}`)]);
    bars.push({
      what: `${name}: both within 10 % in at least ${truth.least} of 100`,
      pass: percent(near.both) >= truth.least,
    });
    bars.push({ what: `${name}: the interval holds σ in at least 90 of 100`, pass: percent(held) >= 90 });
  }
  return {
    title: 'Scalability law from 2 % noise at 8 levels, of 100 curves',
    head: ['truth', 'σ within 10 %', 'κ within 10 %', 'both', 'σ inside its interval'],
    rows,
    bars,
  };
}
