import { count, number } from '../terminal/numbers.js';
import { historyStyle } from './assets.js';
import { h, section, table, type Markup } from './markup.js';
import { hashOf } from './policy.js';
import { statusCell } from './sections/thresholds.js';

/** One run in the list. */
export interface HistoryRun {
  id: string;
  startedAt: string;
  status: string;
  target: string;
  calls: number;
  throughput: number | null;
  p50: number | null;
  p99: number | null;
  commit: string;
}

/** A metric over runs, oldest first. */
export interface HistoryPlot {
  /** `TEST:METRIC`. */
  name: string;
  points: readonly { id: string; startedAt: string; commit: string; value: number }[];
  /** Where its level changed, each with what is said of it; or why it was not judged. */
  changes: readonly { run: string; sentence: string }[];
  notJudged?: string;
}

/** What a history page shows. */
export interface History {
  /** The folder of the runs. */
  directory: string;
  /** How many there are, beyond those listed. */
  size: number;
  runs: readonly HistoryRun[];
  plots: readonly HistoryPlot[];
}

/**
 * Stored runs as one HTML file: metrics over runs with their change points, and the list. It has no script and asks for
 * nothing; whatever servers said in it is text.
 */
export function historyPage(history: History): string {
  const style = historyStyle();
  const { directory, runs, plots, size } = history;
  const changed = plots.flatMap((plot) =>
    plot.changes.map(({ sentence }) => ({ name: plot.name, sentence })),
  );
  const head = h(
    'head',
    {},
    h('meta', { charset: 'utf-8' }),
    h('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: `default-src 'none'; style-src '${hashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'`,
    }),
    h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    h('meta', { name: 'color-scheme', content: 'light dark' }),
    h('link', { rel: 'icon', href: 'data:,' }),
    h('title', {}, 'History · mcp-dyno'),
    { html: `<style>${style}</style>` },
  );
  const main = h(
    'main',
    {},
    h(
      'header',
      {},
      h('p', { class: 'host' }, directory),
      h(
        'h1',
        {},
        `${count(size)} stored runs${runs.length < size ? `, ${count(runs.length)} of them here` : ''}`,
      ),
      h(
        'p',
        {},
        changed.length === 0
          ? 'No change of level was found.'
          : `${changed.length} ${changed.length === 1 ? 'change' : 'changes'} of level:`,
      ),
      changed.length > 0 &&
        h(
          'ul',
          { class: 'warnings' },
          changed.map(({ name, sentence }) => h('li', {}, `${name}: ${sentence}`)),
        ),
    ),
    section(
      'metrics',
      'Metrics over runs',
      plots.length === 0 ? h('p', {}, 'No metric has values yet.') : plots.map(plotOf),
    ),
    section('runs', 'Runs', runTable(runs)),
  );
  return `<!doctype html>\n<html lang="en">${head.html}<body>${main.html}</body></html>\n`;
}

const width = 960;
const height = 190;
const room = { left: 70, right: 16, top: 14, bottom: 26 };

/** Scale from zero to the largest value; a point a run, the text of each as its title; changes as upright lines. */
function plotOf({ name, points, changes, notJudged }: HistoryPlot): Markup {
  const top = Math.max(...points.map(({ value }) => value), 0) * 1.05 || 1;
  const low = Math.min(...points.map(({ value }) => value), 0);
  const step = (width - room.left - room.right) / Math.max(1, points.length - 1);
  const x = (index: number) =>
    round(room.left + (points.length === 1 ? (width - room.left) / 2 : index * step));
  const y = (value: number) =>
    round(height - room.bottom - ((value - low) / (top - low)) * (height - room.top - room.bottom));
  const [first] = points;
  const last = points.at(-1);
  const ticks = [low, (low + top) / 2, top];
  const marks = changes.flatMap(({ run, sentence }) => {
    const index = points.findIndex((point) => point.id === run);
    return index === -1 ? [] : [{ index, sentence }];
  });
  return h(
    'figure',
    { class: 'history' },
    h(
      'figcaption',
      {},
      `${name}, ${points.length} runs${notJudged === undefined ? '' : `; changes not judged: ${notJudged}`}`,
    ),
    h(
      'svg',
      {
        viewBox: `0 0 ${width} ${height}`,
        role: 'img',
        'aria-label': `${name} from ${number(first?.value)} to ${number(last?.value)} over ${points.length} runs`,
      },
      ticks.map((tick) => [
        h('line', { class: 'tick', x1: room.left, x2: width - room.right, y1: y(tick), y2: y(tick) }),
        h('text', { x: room.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, number(tick) || '0'),
      ]),
      marks.map(({ index, sentence }) =>
        h(
          'line',
          { class: 'change', x1: x(index), x2: x(index), y1: room.top, y2: height - room.bottom },
          h('title', {}, sentence),
        ),
      ),
      h('polyline', {
        class: 'values',
        points: points.map(({ value }, index) => `${x(index)},${y(value)}`).join(' '),
      }),
      points.map(({ id, commit, value }, index) =>
        h(
          'circle',
          { cx: x(index), cy: y(value), r: 3 },
          h('title', {}, `${number(value)}  ${id}  ${commit.slice(0, 9)}`.trimEnd()),
        ),
      ),
      first && h('text', { x: room.left, y: height - 6 }, dayOf(first.startedAt)),
      last &&
        points.length > 1 &&
        h('text', { x: width - room.right, y: height - 6, 'text-anchor': 'end' }, dayOf(last.startedAt)),
    ),
  );
}

function runTable(runs: readonly HistoryRun[]): Markup {
  return table(
    'Stored runs, newest first',
    [
      { title: 'Verdict' },
      { title: 'Run' },
      { title: 'Server' },
      { title: 'Calls', numeric: true },
      { title: 'Calls/s', numeric: true },
      { title: 'p50 ms', numeric: true },
      { title: 'p99 ms', numeric: true },
      { title: 'Commit' },
    ],
    runs.map((run) => [
      statusCell(run.status === 'damaged' ? 'error' : run.status),
      run.id,
      run.target,
      count(run.calls),
      number(run.throughput),
      number(run.p50),
      number(run.p99),
      run.commit.slice(0, 9),
    ]),
  );
}

function dayOf(startedAt: string): string {
  return startedAt.slice(0, 16).replace('T', ' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
