import { formatDuration, printableLine } from '../core/index.js';
import {
  count,
  displayWidth,
  fit,
  heatStrip,
  markOf,
  number,
  painter,
  percent,
  progressBar,
  sparkline,
  type Paint,
} from '../report/terminal/index.js';
import type { LatencySnapshot, LiveSnapshot } from './snapshot.js';

/** The room that a frame has, and whether it is coloured. */
export interface FrameSpace {
  /** Cells of the terminal. */
  columns: number;
  rows: number;
  colours: boolean;
}

/** Wider frames would not be easier to read, and suffer more when a window is made narrow. */
const widest = 80;

/**
 * A snapshot as lines that fit a terminal: none is as wide as the terminal, there is a free row below, and what matters
 * least gives way first.
 */
export function frameLines(snapshot: LiveSnapshot, { columns, rows, colours }: FrameSpace): string[] {
  // The last column stays free: some terminals wrap when it is written.
  const width = Math.min(widest, columns) - 1;
  const paint = painter(colours);
  const lines = [
    headLine(snapshot, width, paint),
    ...(snapshot.phase === '' ? [] : [fit(`    ${printableLine(snapshot.phase, 200)}`, width)]),
    indented(loadParts(snapshot), width),
    ...latencyLines(snapshot, width),
    ...shapeLine(snapshot, width, paint),
    ...targetLine(snapshot, width),
    ...thresholdLine(snapshot, width, paint),
    ...errorLines(snapshot, width, paint),
  ];
  return lines.slice(0, Math.max(1, rows - 1));
}

/** Parts after an indent, three spaces apart, as many as there is room for. */
function indented(parts: readonly string[], width: number, indent = 4): string {
  let line = ' '.repeat(Math.min(indent, Math.max(0, width - 1)));
  for (const [index, part] of parts.entries()) {
    const next = `${line}${index === 0 ? '' : '   '}${part}`;
    if (index > 0 && displayWidth(next) > width) break;
    line = next;
  }
  return fit(line, width);
}

function headLine(snapshot: LiveSnapshot, width: number, paint: Paint): string {
  const { test, position, elapsedMs, totalMs } = snapshot;
  const where = position === undefined ? '' : ` ${position.index}/${position.count}`;
  const name = fit(`  ▸ ${printableLine(test, 60)}${where}`, width);
  const passed = formatDuration(Math.max(0, Math.round(elapsedMs / 100) * 100));
  const time = totalMs === undefined ? passed : `${passed} of ${formatDuration(totalMs)}`;
  const barWidth = Math.min(18, width - displayWidth(name) - displayWidth(time) - 5);
  if (totalMs !== undefined && totalMs > 0 && barWidth >= 4) {
    return `${paint('strong', name)}   ${paint('accent', progressBar(elapsedMs / totalMs, barWidth))}  ${time}`;
  }
  const timed = `${name}   ${time}`;
  return displayWidth(timed) > width ? paint('strong', name) : `${paint('strong', name)}   ${time}`;
}

function loadParts({
  offered,
  achieved,
  inFlight,
  dropped,
  generatorBusy,
  scheduleLagMs,
}: LiveSnapshot): string[] {
  const lag = scheduleLagMs === undefined ? '' : `, lag ${number(scheduleLagMs)} ms`;
  return [
    `offered ${offered === undefined ? '–' : `${number(offered)}/s`}`,
    `achieved ${number(achieved)}/s`,
    `in flight ${count(inFlight)}`,
    `dropped ${count(dropped)}`,
    `generator ${percent(Math.round(generatorBusy * 100) / 100)} busy${lag}`,
  ];
}

function latencyLines({ recent, total }: LiveSnapshot, width: number): string[] {
  const values = ({ p50, p90, p99, max }: LatencySnapshot) => {
    const cell = (value: number | null) => (number(value) || '–').padEnd(7);
    return `p50 ${cell(p50)} p90 ${cell(p90)} p99 ${cell(p99)} max ${number(max) || '–'} ms`;
  };
  return [fit(`    10 s  ${values(recent)}`, width), fit(`    all   ${values(total)}`, width)];
}

function shapeLine({ series, heat }: LiveSnapshot, width: number, paint: Paint): string[] {
  const room = width - 4 - 'rate '.length - '   p99 '.length;
  const strip = heat === undefined || heat.length === 0 ? '' : heatStrip(heat.map((bucket) => bucket.count));
  const from = heat?.[0]?.upToMs;
  const to = heat?.at(-2)?.upToMs;
  const legend =
    strip === '' || from === undefined || to === undefined
      ? ''
      : `${number(from)} ms ${strip} ${number(to)} ms`;
  const withLegend = legend !== '' && room - displayWidth(legend) - 3 >= 20;
  const each = Math.min(20, Math.floor((room - (withLegend ? displayWidth(legend) + 3 : 0)) / 2));
  if (each < 4) return [];
  const line = `    rate ${paint('accent', sparkline(series.rate, each))}   p99 ${paint('unsure', sparkline(series.p99, each))}`;
  return [withLegend ? `${line}   ${legend}` : line];
}

function targetLine({ target }: LiveSnapshot, width: number): string[] {
  if (target === undefined) return [];
  const { cpu, rssMb, slope } = target;
  const growth = slope === null ? '' : ` ${slope < 0 ? '−' : '+'}${number(Math.abs(slope))} MB/s`;
  return [
    indented(
      [
        ...(cpu === null ? [] : [`target cpu ${number(cpu)} % of a core`]),
        `rss ${number(rssMb)} MB${growth}`,
      ],
      width,
    ),
  ];
}

function thresholdLine({ thresholds }: LiveSnapshot, width: number, paint: Paint): string[] {
  if (thresholds.length === 0 || width < 8) return [];
  const order = ['fail', 'inconclusive', 'pass'];
  const sorted = [...thresholds].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  let line = '   ';
  let used = 3;
  for (const { name, status } of sorted) {
    const { mark, tone } = markOf(status);
    const text = `${mark} ${fit(printableLine(name, 60), 30)}`;
    if (used + 1 + displayWidth(text) > width && used > 3) break;
    const cut = fit(text, width - used - 1);
    line += ` ${paint(tone, cut)}`;
    used += displayWidth(cut) + 1;
  }
  return [line];
}

function errorLines({ topErrors }: LiveSnapshot, width: number, paint: Paint): string[] {
  return topErrors
    .slice(0, 3)
    .map((error) =>
      fit(`    ${count(error.count)} × ${error.class}: ${printableLine(error.message, 200)}`, width),
    )
    .map((line) => paint('bad', line));
}
