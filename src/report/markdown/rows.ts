import type { ComparedMetric, RunResult, ThresholdResult } from '../../core/index.js';
import { changeWithInterval } from '../facts.js';
import { quantity } from '../terminal/numbers.js';
import { markOf } from '../terminal/paint.js';
import { limitOf, marginOf, observedOf, subjectOf } from '../terminal/threshold-text.js';
import { code, plain } from './escape.js';

/** A table of a comment, worst rows first. */
export interface Rows {
  head: readonly string[];
  /** Columns that are set to the right. */
  right: readonly number[];
  rows: string[][];
}

const comparedWords = {
  regression: ['✗', 'worse'],
  inconclusive: ['?', 'undecided'],
  improvement: ['✓', 'better'],
  equivalent: ['✓', 'same'],
} as const;

const comparedOrder = Object.keys(comparedWords);

/** The compared metrics: metric, base, now, change with interval, verdict; the largest regression first. */
export function comparedRows(metrics: readonly ComparedMetric[]): Rows {
  const size = (one: ComparedMetric) =>
    Math.abs(Math.log(one.ratio !== null && one.ratio > 0 ? one.ratio : 1));
  const sorted = [...metrics].sort(
    (a, b) => comparedOrder.indexOf(a.verdict) - comparedOrder.indexOf(b.verdict) || size(b) - size(a),
  );
  return {
    head: ['', 'metric', 'base', 'now', 'change (95 % interval)', 'verdict'],
    right: [2, 3, 4],
    rows: sorted.map((one) => {
      const [mark, word] = comparedWords[one.verdict];
      const name = one.test === undefined ? one.metric : `${one.test} ${one.metric}`;
      return [
        mark,
        code(name),
        quantity(one.base, one.unit),
        quantity(one.now, one.unit),
        changeWithInterval(one.ratio, one.ci95),
        one.reason === undefined ? word : `${word}: ${plain(one.reason)}`,
      ];
    }),
  };
}

const statusOrder = ['error', 'fail', 'inconclusive', 'pass', 'skipped'];

/** The tests and their limits: what failed first, the widest miss first of all. */
export function judgedRows(run: RunResult): Rows {
  const rows: { order: number; miss: number; cells: string[] }[] = [];
  for (const test of run.tests) {
    for (const threshold of test.thresholds) {
      const { mark } = markOf(threshold.status);
      rows.push({
        order: statusOrder.indexOf(threshold.status),
        miss: missOf(threshold),
        cells: [
          mark,
          code(test.id),
          code(subjectOf(threshold)),
          observedOf(threshold),
          plain(limitOf(threshold).replace(/^limit /, '')),
          marginOf(threshold),
        ],
      });
    }
    // A test whose thresholds say nothing of why it came out so has a row of its own.
    if (test.thresholds.every((one) => one.status !== test.status)) {
      const reason = test.reason === undefined ? test.status : plain(test.reason);
      rows.push({
        order: statusOrder.indexOf(test.status),
        miss: Infinity,
        cells: [markOf(test.status).mark, code(test.id), reason, '', '', ''],
      });
    }
  }
  rows.sort((a, b) => a.order - b.order || (b.miss === a.miss ? 0 : b.miss - a.miss));
  return {
    head: ['', 'test', 'metric', 'observed', 'limit', 'margin'],
    right: [3, 4],
    rows: rows.map((row) => row.cells),
  };
}

/** How far beyond its limit, on a logarithmic scale; below zero for what holds. */
function missOf({ observed, limit, op }: ThresholdResult): number {
  if (observed === null || observed <= 0 || limit <= 0) return 0;
  const over = Math.log(observed / limit);
  return op.startsWith('<') ? over : -over;
}
