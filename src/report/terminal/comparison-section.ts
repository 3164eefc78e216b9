import { printableLine, type ComparedMetric, type ComparisonReport } from '../../core/index.js';
import { changeWithInterval } from '../facts.js';
import { wrap } from './display-width.js';
import { quantity } from './numbers.js';
import type { Paint, Tone } from './paint.js';
import { table } from './table.js';

const words: Record<ComparedMetric['verdict'], readonly [mark: string, word: string, tone: Tone]> = {
  regression: ['✗', 'worse', 'bad'],
  improvement: ['✓', 'better', 'good'],
  equivalent: ['✓', 'same', 'good'],
  inconclusive: ['?', 'undecided', 'unsure'],
};

const order: readonly ComparedMetric['verdict'][] = [
  'regression',
  'improvement',
  'inconclusive',
  'equivalent',
];
/** Rows of a compact summary where many tests were compared. */
const mostRows = 12;

/** What else has changed, then the compared metrics, what changed first. */
export function comparisonLines(
  comparison: ComparisonReport,
  paint: Paint,
  width: number,
  all: boolean,
): string[] {
  const { base, now, warnings, kind } = comparison;
  const sorted = [...comparison.metrics].sort((a, b) => rank(a) - rank(b));
  const shown = all ? sorted : sorted.slice(0, mostRows);
  const rest = sorted.slice(shown.length);
  const how = kind === 'paired' ? 'pairs on one machine' : 'stored; the machine may have drifted';
  return [
    ...wrap(`against ${printableLine(base, 200)}  (${how})`, width),
    ...(kind === 'paired' ? wrap(`now     ${printableLine(now, 200)}`, width) : []),
    ...warnings.flatMap((warning) => wrap(`⚠ ${printableLine(warning, 300)}`, width)),
    ...grouped(shown, paint, width),
    ...(rest.length > 0 ? [`  … ${countsOf(rest)}`] : []),
  ];
}

const rank = ({ verdict }: ComparedMetric) => order.indexOf(verdict);

/** With several tests, the metrics of each under its name; the test with the gravest change first. */
function grouped(metrics: readonly ComparedMetric[], paint: Paint, width: number): string[] {
  const tests = [...new Set(metrics.map((one) => one.test))];
  if (tests.length < 2) return rows(metrics, paint, width);
  return tests.flatMap((test) => [
    `${printableLine(test ?? 'whole', 60)}:`,
    ...rows(
      metrics.filter((one) => one.test === test),
      paint,
      width,
    ),
  ]);
}

function rows(metrics: readonly ComparedMetric[], paint: Paint, width: number): string[] {
  if (metrics.length === 0) return [];
  const lines = table(
    [
      { title: '', side: 'left' },
      { title: 'metric', side: 'left', max: 30 },
      { title: 'base', side: 'right' },
      { title: 'now', side: 'right' },
      { title: 'change (95 % interval)', side: 'right' },
      { title: '', side: 'left' },
    ],
    metrics.map((one) => {
      const [mark, word] = words[one.verdict];
      return [
        mark,
        printableLine(one.metric, 60),
        quantity(one.base, one.unit),
        quantity(one.now, one.unit),
        changeWithInterval(one.ratio, one.ci95),
        word,
      ];
    }),
    width,
  );
  // The first line is the head; colours come last, since cells are measured.
  return lines.map((line, index) => {
    const tone = index === 0 ? undefined : words[metrics[index - 1]!.verdict][2];
    return tone === undefined ? line : line.replace(/^\S/, (mark) => paint(tone, mark));
  });
}

function countsOf(metrics: readonly ComparedMetric[]): string {
  return order
    .map((verdict) => [metrics.filter((one) => one.verdict === verdict).length, words[verdict][1]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} more ${word}`)
    .join(', ');
}
