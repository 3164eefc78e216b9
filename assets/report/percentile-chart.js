import { curves, run } from './data.js';
import { plot } from './plot.js';

const ticks = [
  [0, '0'],
  [Math.log10(2), '50'],
  [1, '90'],
  [2, '99'],
  [3, '99.9'],
  [4, '99.99'],
  [5, '99.999'],
  [6, '99.9999'],
];
const main = { latency: 'blue', service_time: 'green', queue_wait: 'purple' };
const rest = ['vermilion', 'purple', 'green', 'blue'];

/** Latency by percentile: x is log10(1/(1−p)), so that the tail has the room. */
export function percentileChart(index) {
  const of = curves.tests[index] ?? [];
  const steps = of.reduce((most, { ms }) => Math.max(most, ms.length), 0);
  const x = Array.from({ length: steps }, (_, i) => i * curves.step);
  const base = run.comparison?.base ?? 'base';
  const lines = of.map(({ name, base: ofBase, ms }, i) => ({
    label: `${labelOf(name)}${ofBase ? ` (${base})` : ''}`,
    values: [...ms, ...Array(steps - ms.length).fill(null)],
    colour: ofBase ? 'vermilion' : (main[name] ?? rest[i % rest.length]),
    dash: ofBase
      ? [6, 4]
      : name in main
        ? undefined
        : [
            [2, 3],
            [8, 3, 2, 3],
            [4, 4],
          ][i % 3],
    // Single operations are a click away; with all of them nothing could be told apart.
    shown: name === 'latency' || (!ofBase && name in main),
  }));
  plot('percentile-chart', {
    x,
    lines,
    yLog: document.getElementById('log-scale').checked,
    height: 320,
    unit: ' ms',
    xAxis: {
      label: 'percentile',
      read: (value) => `p${Number((100 * (1 - 10 ** -value)).toFixed(Math.max(1, Math.floor(value))))}`,
      axis: {
        splits: () => ticks.map(([at]) => at).filter((at) => at <= x.at(-1)),
        values: (_u, splits) => splits.map((at) => ticks.find(([tick]) => tick === at)?.[1] ?? ''),
      },
    },
  });
}

function labelOf(name) {
  const operation = /\{operation=(.*)\}$/s.exec(name)?.[1];
  return operation === undefined ? name.replaceAll('_', ' ') : operation.replace(/^tools\/call /, '');
}
