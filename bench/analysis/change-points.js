/** Histories of runs with a step, or with none. */
import { findChangePoints } from 'mcp-dyno/analysis';
import { seededRandom } from '../../dist/core/index.js';

const steps = [
  [40, 20],
  [60, 30],
  [100, 50],
  [100, 80],
  [200, 100],
  [60, 55],
  [60, 57],
];

function changes(seed, length, level, wild = 0) {
  const random = seededRandom(seed);
  const found = findChangePoints(
    Array.from(
      { length },
      (_, i) => level(i) * (random.next() < wild ? 1.15 : 1) * (1 + random.normal(0, 0.02)),
    ),
  );
  return found.kind === 'judged' ? found.changes : [];
}

/** @returns {import('./run.js').Table} */
export function changePoints(replications) {
  const rows = [];
  const bars = [];
  const percent = (count) => (100 * count) / replications;
  for (const length of [20, 30, 60, 100, 200, 500]) {
    for (const wild of [0, 0.05]) {
      let any = 0;
      for (let i = 0; i < replications; i++) {
        if (changes(`noise ${length} ${wild} ${i}`, length, () => 100, wild).length > 0) any++;
      }
      const name = wild > 0 ? 'noise with 5 % wild runs' : 'pure noise';
      rows.push([name, `${length} runs`, '–', `${percent(any).toFixed(1)} show any`]);
      if (wild === 0)
        bars.push({ what: `pure noise, ${length} runs: at most 5 of 100 show any`, pass: percent(any) <= 5 });
    }
  }
  for (const [length, at] of steps) {
    for (const step of [1.05, 0.95]) {
      let near = 0;
      for (let i = 0; i < replications; i++) {
        const found = changes(`step ${length} ${at} ${i}`, length, (run) => (run >= at ? 100 * step : 100));
        if (found.some((change) => Math.abs(change.index - at) <= 3)) near++;
      }
      rows.push([
        `step of ${Math.round(100 * (step - 1))} %`,
        `${length} runs`,
        `${at}`,
        `${percent(near).toFixed(1)} within 3 runs`,
      ]);
      if (length - at >= 20) {
        bars.push({
          what: `step of ${Math.round(100 * (step - 1))} % at ${at} of ${length}: within 3 runs in at least 95 of 100`,
          pass: percent(near) >= 95,
        });
      }
    }
  }
  return {
    title: 'Change points in noise of 2 %, of 100 histories',
    head: ['history', 'length', 'step at', 'found'],
    rows,
    bars,
  };
}
