import { run } from './data.js';
import { plot } from './plot.js';

const charts = [
  [
    'rate-chart',
    [
      ['offered_rate', 'offered/s', 'purple', [6, 4]],
      ['throughput', 'achieved/s (ok)', 'blue'],
    ],
  ],
  [
    'latency-chart',
    [
      ['latency.p50', 'p50', 'blue'],
      ['latency.p90', 'p90', 'green', [8, 3]],
      ['latency.p99', 'p99', 'vermilion', [4, 3]],
      ['latency.max', 'max', 'purple', [2, 3]],
    ],
  ],
  [
    'flight-chart',
    [
      ['in_flight', 'in flight', 'blue'],
      ['waiting', 'waiting', 'purple', [6, 4]],
      ['failures', 'failed', 'vermilion', [2, 3]],
    ],
  ],
  [
    'memory-chart',
    [
      ['target.rss', 'RSS MB', 'blue'],
      ['target.pss', 'PSS MB', 'green', [6, 4]],
    ],
  ],
  ['cpu-chart', [['target.cpu', 'CPU %', 'vermilion']]],
  ['fds-chart', [['target.fds', 'file descriptors', 'purple']]],
];

/** Everything that a test recorded over time; one cursor moves in all charts. */
export function seriesCharts(index) {
  const test = run.tests[index];
  const { t } = test.series;
  const windows = test.windows ?? [];
  for (const [id, columns] of charts) {
    plot(id, {
      x: t,
      lines: columns.map(([name, label, colour, dash]) => ({
        label,
        colour,
        dash,
        values: test.series[name],
      })),
      windows,
      marks: windows.map(({ from, label }) => ({ at: from, label })),
      sync: 'time',
      height: 190,
      xAxis: {
        label: 't',
        read: (value) => `${value.toFixed(1)} s`,
        axis: { values: (_u, splits) => splits.map((value) => `${Number(value.toFixed(2))} s`) },
      },
    });
  }
}
