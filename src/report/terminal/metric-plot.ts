import { printableLine } from '../../core/index.js';
import { number } from './numbers.js';

/** One value of a metric, of the run that began then. */
export interface PlotPoint {
  startedAt: string;
  commit: string;
  value: number;
}

const height = 10;
const mostWidth = 72;

/**
 * A metric over runs as a picture of characters, oldest left: a column a run, `●` at its value, the scale from the
 * smallest to the largest value; below it the first, the last, and the change between them.
 *
 * @param changes indices of the points where the level changed, marked `▲` on the axis.
 */
export function metricPlot(name: string, all: readonly PlotPoint[], changes: readonly number[] = []): string {
  const points = all.slice(-mostWidth);
  const hidden = all.length - points.length;
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return `${printableLine(name)}: no values\n`;
  const values = points.map(({ value }) => value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const rowOf = (value: number) =>
    high === low ? Math.floor(height / 2) : Math.round(((value - low) / (high - low)) * (height - 1));
  const labelWidth = Math.max(number(low).length, number(high).length, 6);
  const lines: string[] = [`${printableLine(name)}, ${points.length} runs`];
  for (let row = height - 1; row >= 0; row--) {
    const label = row === height - 1 ? number(high) : row === 0 && high !== low ? number(low) : '';
    const cells = values.map((value) => (rowOf(value) === row ? '●' : ' ')).join('');
    lines.push(`${label.padStart(labelWidth)} ┤${cells}`.trimEnd());
  }
  const marked = new Set(changes.map((index) => index - hidden));
  const axis = points.map((_, index) => (marked.has(index) ? '▲' : '─')).join('');
  lines.push(`${' '.repeat(labelWidth)} └${axis}`);
  lines.push(`first  ${describe(first)}`, `last   ${describe(last)}`);
  if (points.length > 1 && first.value !== 0) {
    const percent = 100 * (last.value / first.value - 1);
    lines.push(`change ${percent < 0 ? '−' : '+'}${number(Math.abs(percent)) || '0'} %`);
  }
  return `${lines.join('\n')}\n`;
}

function describe({ startedAt, commit, value }: PlotPoint): string {
  const moment = startedAt.slice(0, 16).replace('T', ' ');
  return `${number(value)}  ${printableLine(moment)}  ${printableLine(commit.slice(0, 9))}`.trimEnd();
}
