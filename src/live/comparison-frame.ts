import { formatDuration, printableLine, type ComparedMetric } from '../core/index.js';
import { changeWithInterval } from '../report/facts.js';
import { displayWidth, fit, number, painter, progressBar, type Paint } from '../report/terminal/index.js';
import type { FrameSpace } from './frame.js';
import type { Face } from './live-view.js';

/** A comparison under way: plain data, all that the view knows. */
export interface ComparisonSnapshot {
  /** The pair under way, from 1; how many there will be as things stand, and at most. */
  pair: number;
  until: number;
  maxPairs: number;
  /** Pairs that do not count. */
  voided: number;
  /** What is being measured right now: `A` or `B`, and how fast it is. */
  running: 'A' | 'B';
  callsPerSecond: number | null;
  p50Ms: number | null;
  elapsedMs: number;
  /** As of the last whole pair; empty before the first. */
  metrics: readonly Pick<ComparedMetric, 'metric' | 'ratio' | 'ci95' | 'delta' | 'verdict'>[];
}

const widest = 80;
const words = {
  regression: ['✗', 'worse', 'bad'],
  improvement: ['✓', 'better', 'good'],
  equivalent: ['✓', 'same', 'good'],
  inconclusive: ['?', '', 'unsure'],
} as const;

/** How a comparison is shown while it runs: the pair, the build being measured, and each metric with its interval. */
export const comparisonFace: Face<ComparisonSnapshot> = { frame: comparisonFrame, line: comparisonLine };

function comparisonFrame(snapshot: ComparisonSnapshot, { columns, rows, colours }: FrameSpace): string[] {
  const width = Math.min(widest, columns) - 1;
  const paint = painter(colours);
  const lines = [
    headLine(snapshot, width, paint),
    fit(`    ${nowText(snapshot)}`, width),
    ...snapshot.metrics.map((one) => metricLine(one, width, paint)),
    ...(snapshot.metrics.length > 0 && width >= scaleFrom ? [fit(scaleLine(snapshot), width)] : []),
  ];
  return lines.slice(0, Math.max(1, rows - 1));
}

function headLine(
  { pair, until, maxPairs, elapsedMs }: ComparisonSnapshot,
  width: number,
  paint: Paint,
): string {
  const most = until < maxPairs ? `, ${maxPairs} at most` : '';
  const time = formatDuration(Math.round(elapsedMs / 1000) * 1000);
  const name = `  ▸ pair ${Math.min(pair, until)} of ${until}${most}`;
  const room = Math.min(24, width - displayWidth(name) - displayWidth(time) - 5);
  if (room < 4) return paint('strong', fit(name, width));
  return `${paint('strong', name)}   ${paint('accent', progressBar((pair - 1) / until, room))}  ${time}`;
}

function nowText({ running, callsPerSecond, p50Ms, voided }: ComparisonSnapshot): string {
  const speed =
    callsPerSecond === null
      ? 'starting'
      : `${number(callsPerSecond)} calls/s${p50Ms === null ? '' : `, p50 ${number(p50Ms)} ms`}`;
  return `${running}: ${speed}${voided > 0 ? `   ${voided} void` : ''}`;
}

const metricWidth = 16;
const textWidth = 28;
const pictureWidth = 21;
/** A frame this wide has room for the picture. */
const scaleFrom = 4 + 2 + metricWidth + textWidth + pictureWidth + 3;

function metricLine(one: ComparisonSnapshot['metrics'][number], width: number, paint: Paint): string {
  const [mark, word, tone] = words[one.verdict];
  const name = printableLine(one.metric, metricWidth - 1).padEnd(metricWidth);
  const text = (one.ratio === null ? '–' : changeWithInterval(one.ratio, one.ci95)).padEnd(textWidth);
  const picture = width >= scaleFrom ? intervalPicture(one) : '';
  const line = fit(`    ${mark} ${name}${text}${picture}`, width);
  const ended = word !== '' && displayWidth(line) + word.length + 1 <= width ? `${line} ${word}` : line;
  return one.verdict === 'inconclusive' ? ended : paint(tone, ended);
}

/** How far the picture reaches to both sides, as a logarithm: twice the zone of "same", or the interval. */
function reachOf(one: ComparisonSnapshot['metrics'][number]): number {
  const edges = (one.ci95 ?? []).map((ratio) => Math.abs(Math.log(Math.max(ratio, 1e-6))));
  return Math.max(2 * Math.log1p(one.delta), ...edges);
}

/** `┊` are the edges of "same", `├──●──┤` the interval and the estimate. */
function intervalPicture(one: ComparisonSnapshot['metrics'][number]): string {
  if (one.ratio === null) return '';
  const reach = reachOf(one);
  const half = (pictureWidth - 1) / 2;
  const place = (ratio: number) =>
    Math.max(
      0,
      Math.min(pictureWidth - 1, Math.round(half + (half * Math.log(Math.max(ratio, 1e-6))) / reach)),
    );
  const cells = new Array<string>(pictureWidth).fill(' ');
  cells[place(1 / (1 + one.delta))] = '┊';
  cells[place(1 + one.delta)] = '┊';
  if (one.ci95 !== null) {
    const [low, high] = [place(one.ci95[0]), place(one.ci95[1])];
    for (let i = low; i <= high; i++) cells[i] = cells[i] === '┊' ? '┼' : '─';
    cells[low] = '├';
    cells[high] = '┤';
  }
  cells[place(one.ratio)] = '●';
  return cells.join('');
}

function scaleLine({ metrics }: ComparisonSnapshot): string {
  const deltas = [...new Set(metrics.map((one) => `${Number((100 * one.delta).toFixed(1))} %`))];
  const zone = deltas.length === 1 ? `±${deltas[0]!}` : `±${deltas[0]!} and more`;
  return `      between ┊ and ┊ is what counts as the same (${zone})`;
}

function comparisonLine(snapshot: ComparisonSnapshot): string {
  const { pair, until, elapsedMs, metrics } = snapshot;
  const changes = metrics
    .filter((one) => one.ratio !== null)
    .slice(0, 3)
    .map((one) => `${printableLine(one.metric, 40)} ${changeWithInterval(one.ratio, one.ci95)}`);
  const time = formatDuration(Math.round(elapsedMs / 1000) * 1000);
  return [`pair ${Math.min(pair, until)} of ${until}`, time, nowText(snapshot), ...changes].join('  ');
}
