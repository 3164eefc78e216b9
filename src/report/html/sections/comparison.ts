import type { ComparedMetric, RunResult } from '../../../core/index.js';
import { changeWithInterval } from '../../facts.js';
import { quantity } from '../../terminal/numbers.js';
import { h, section, table, type Markup } from '../markup.js';

const words = {
  regression: '✗ worse',
  improvement: '✓ better',
  equivalent: '✓ same',
  inconclusive: '? undecided',
} as const;

const order = ['regression', 'inconclusive', 'improvement', 'equivalent'];

/** Ratios with intervals against the zone of equivalence, as a forest plot, and in a table. */
export function comparison({ comparison: report }: RunResult): Markup | null {
  if (!report) return null;
  const metrics = [...report.metrics].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const paired =
    report.kind === 'paired'
      ? 'Paired blocks on one machine.'
      : 'Two stored runs: this includes what changed on the machine between them.';
  return section(
    'baseline',
    `Against ${report.base}`,
    h('p', {}, `${report.sentence} ${paired}`),
    forestPlot(metrics),
    table(
      `${report.now} against ${report.base}`,
      [
        { title: 'Verdict' },
        { title: 'Metric' },
        { title: 'Base', numeric: true },
        { title: 'Now', numeric: true },
        { title: 'Change (95 % interval)', numeric: true },
        { title: 'Zone of “same”', numeric: true },
        { title: 'Why' },
      ],
      metrics.map((one) => [
        h('span', { class: `mark ${one.verdict}` }, words[one.verdict]),
        nameOf(one),
        quantity(one.base, one.unit),
        quantity(one.now, one.unit),
        changeWithInterval(one.ratio, one.ci95),
        `±${Number((100 * one.delta).toFixed(1))} %`,
        one.reason ?? '',
      ]),
    ),
  );
}

function nameOf(one: ComparedMetric): string {
  return one.test === undefined ? one.metric : `${one.test} ${one.metric}`;
}

const rowHeight = 24;
const left = 280;
const width = 780;

function forestPlot(all: readonly ComparedMetric[]): Markup | null {
  const metrics = all.filter((one) => one.ratio !== null && one.ratio > 0).slice(0, 40);
  if (metrics.length === 0) return null;
  const reach = Math.min(
    Math.log(8),
    Math.max(
      Math.log(1.12),
      ...metrics.flatMap((one) =>
        [one.ratio!, ...(one.ci95 ?? [])].map((r) => Math.abs(Math.log(Math.max(r, 1e-9))) * 1.1),
      ),
    ),
  );
  const x = (ratio: number) => {
    const log = Math.max(-reach, Math.min(reach, Math.log(Math.max(ratio, 1e-9))));
    return Math.round((left + 20 + ((width - left - 40) * (log + reach)) / (2 * reach)) * 10) / 10;
  };
  const height = metrics.length * rowHeight + 34;
  const ticks = [1 / 4, 1 / 2, 1 / 1.5, 1 / 1.2, 1 / 1.1, 1, 1.1, 1.2, 1.5, 2, 4].filter(
    (tick) => Math.abs(Math.log(tick)) <= reach,
  );
  const apart: number[] = [1];
  for (const tick of [...ticks.filter((one) => one < 1).reverse(), ...ticks.filter((one) => one > 1)]) {
    if (apart.every((one) => Math.abs(x(tick) - x(one)) > 40)) apart.push(tick);
  }
  return h(
    'svg',
    {
      class: 'forest',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `Ratios of ${metrics.length} metrics with intervals; the table below has the same numbers.`,
    },
    apart.map((tick) => [
      h('line', { class: tick === 1 ? 'one' : 'tick', x1: x(tick), x2: x(tick), y1: 0, y2: height - 24 }),
      h('text', { x: x(tick), y: height - 8, 'text-anchor': 'middle' }, `×${Number(tick.toFixed(2))}`),
    ]),
    metrics.map((one, i) => {
      const y = i * rowHeight + rowHeight / 2;
      const zone = [x(1 / (1 + one.delta)), x(1 + one.delta)] as const;
      const name = nameOf(one);
      return h(
        'g',
        { class: one.verdict },
        h('rect', { class: 'zone', x: zone[0], y: y - 9, width: Math.max(1, zone[1] - zone[0]), height: 18 }),
        h(
          'text',
          { x: left, y: y + 4, 'text-anchor': 'end' },
          name.length > 42 ? `${name.slice(0, 41)}…` : name,
        ),
        one.ci95 && h('line', { class: 'interval', x1: x(one.ci95[0]), x2: x(one.ci95[1]), y1: y, y2: y }),
        h('circle', { class: 'ratio', cx: x(one.ratio!), cy: y, r: 4 }),
      );
    }),
  );
}
