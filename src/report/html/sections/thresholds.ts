import type { RunResult, TestResult, ThresholdResult } from '../../../core/index.js';
import { intervalText } from '../../facts.js';
import { markOf } from '../../terminal/paint.js';
import { limitOf, marginOf, observedOf, subjectOf } from '../../terminal/threshold-text.js';
import { h, section, table, type Markup } from '../markup.js';

const order = ['fail', 'inconclusive', 'pass'];

/** Every limit with what was observed, its interval, and a bar that shows how near the two are; misses first. */
export function thresholds(run: RunResult): Markup {
  const rows = run.tests
    .flatMap((test) => test.thresholds.map((threshold) => ({ test, threshold })))
    .sort((a, b) => order.indexOf(a.threshold.status) - order.indexOf(b.threshold.status));
  if (rows.length === 0) return section('thresholds', 'Thresholds', h('p', {}, 'No limits were set.'));
  return section(
    'thresholds',
    'Thresholds',
    table(
      'Limits, misses first',
      [
        { title: 'Result' },
        { title: 'Test' },
        { title: 'Metric' },
        { title: 'Limit', numeric: true },
        { title: 'Observed', numeric: true },
        { title: '95 % interval', numeric: true },
        { title: 'Margin' },
        { title: 'Set by' },
      ],
      rows.map(({ test, threshold }) => {
        const ci95 = intervalOf(test, threshold);
        return [
          statusCell(threshold.status),
          test.id,
          subjectOf(threshold),
          limitOf(threshold).replace(/^limit /, ''),
          observedOf(threshold),
          intervalText(ci95, threshold.unit ?? '').replace(/^ \(|\)$/g, ''),
          h('span', { class: 'margin' }, marginBar(threshold, ci95), marginOf(threshold)),
          threshold.name,
        ];
      }),
    ),
  );
}

/** `✓ pass` in its colour. */
export function statusCell(status: string): Markup {
  return h('span', { class: `mark ${status}` }, `${markOf(status).mark} ${status}`);
}

function intervalOf(test: TestResult, { metric, operation }: ThresholdResult): [number, number] | null {
  const metrics = operation === undefined ? test.metrics : test.operations[operation]?.metrics;
  return metrics?.[metric]?.ci95 ?? null;
}

const width = 120;

/** From zero to twice the limit, the limit in the middle: the bar is what was observed, the thin line its interval. */
function marginBar(
  { observed, limit, status }: ThresholdResult,
  ci95: [number, number] | null,
): Markup | null {
  if (observed === null || limit <= 0 || observed < 0) return null;
  const place = (value: number) =>
    Math.round(Math.min(width, Math.max(0, (value / limit) * (width / 2))) * 10) / 10;
  return h(
    'svg',
    { class: `bar ${status}`, width, height: 14, viewBox: `0 0 ${width} 14`, 'aria-hidden': 'true' },
    h('rect', { class: 'ground', x: 0, y: 3, width, height: 8 }),
    h('rect', { class: 'value', x: 0, y: 3, width: place(observed), height: 8 }),
    ci95 && h('line', { class: 'interval', x1: place(ci95[0]), x2: place(ci95[1]), y1: 7, y2: 7 }),
    h('line', { class: 'limit', x1: width / 2, x2: width / 2, y1: 0, y2: 14 }),
  );
}
