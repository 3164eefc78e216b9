import { isJsonObject, type Json, type RunResult, type TestResult } from '../../../core/index.js';
import { metricText } from '../../facts.js';
import { number, quantity } from '../../terminal/numbers.js';
import { h, section, table, type Markup } from '../markup.js';
import { histogramOf } from '../percentile-curves.js';

/** True for a test that has something to draw. */
export function isDrawable(test: TestResult): boolean {
  return test.series.t.length > 1 || Object.keys(test.histograms).length > 0 || levelsOf(test).length > 0;
}

/** The test that the charts show first: one that failed, else the one with the most calls. */
export function firstShown(run: RunResult): number {
  const calls = (test: TestResult) => test.metrics['calls.total']?.value ?? 0;
  const rank = (test: TestResult) => (test.status === 'fail' || test.status === 'error' ? 1 : 0);
  const order = run.tests
    .map((test, index) => ({ test, index }))
    .filter(({ test }) => isDrawable(test))
    .sort((a, b) => rank(b.test) - rank(a.test) || calls(b.test) - calls(a.test));
  return order[0]?.index ?? -1;
}

/** Which test the charts show; only for pages with script. */
export function picker(run: RunResult): Markup | null {
  const first = firstShown(run);
  if (first === -1) return null;
  return h(
    'div',
    { class: 'picker scripted' },
    h('label', { for: 'shown-test' }, 'Charts of '),
    h(
      'select',
      { id: 'shown-test' },
      run.tests.map(
        (test, index) =>
          isDrawable(test) &&
          h('option', { value: index, selected: index === first }, `${test.id} (${test.status})`),
      ),
    ),
  );
}

const marks = [0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1];

/** The percentile plot, and the same as a table for every histogram. */
export function percentiles(run: RunResult): Markup {
  const rows = run.tests.flatMap((test) =>
    Object.entries(test.histograms).map(([name, text]) => {
      const histogram = histogramOf(text);
      // A percentile is blank where fewer than one sample lies beyond it.
      const at = (q: number) =>
        histogram && (q === 1 || (1 - q) * histogram.count >= 1) ? number(histogram.quantile(q)) : '';
      return [
        test.id,
        name,
        histogram ? histogram.count.toLocaleString('en') : 'unreadable',
        ...marks.map(at),
      ];
    }),
  );
  return section(
    'percentiles',
    'Percentiles',
    h(
      'div',
      { class: 'scripted' },
      h(
        'label',
        {},
        h('input', { type: 'checkbox', id: 'log-scale', checked: true }),
        ' logarithmic latency',
      ),
    ),
    chart(
      'percentile-chart',
      'Latency by percentile. A curve ends where its samples end; dashed is what this run is compared with.',
    ),
    closed(
      'Percentiles as a table',
      table(
        'Latency in ms by percentile',
        [
          { title: 'Test' },
          { title: 'Histogram' },
          { title: 'Samples', numeric: true },
          ...['min', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'p99.99', 'max'].map((title) => ({
            title,
            numeric: true,
          })),
        ],
        rows,
      ),
    ),
  );
}

/** Latency over time as a heatmap. */
export function heatmap(run: RunResult): Markup | null {
  if (!run.tests.some((test) => test.heatmap)) return null;
  return section(
    'heatmap',
    'Latency heatmap',
    chart(
      'heatmap-chart',
      'Calls by time and latency; the stronger the colour, the more. The row above is what was too long for the scale, the lowest row failed calls.',
    ),
    h('p', { id: 'heatmap-read', class: 'scripted readout', 'aria-live': 'polite' }),
  );
}

const mostRows = 24;

/** Rates, errors, calls in flight and latency over time. */
export function timeSeries(run: RunResult): Markup | null {
  const measured = run.tests.filter((test) => test.series.t.length > 1);
  if (measured.length === 0) return null;
  return section(
    'series',
    'Time series',
    chart('rate-chart', 'Offered and achieved calls per second.'),
    chart('latency-chart', 'Latency in ms over time.'),
    chart('flight-chart', 'Calls in flight, waiting, and failed per interval.'),
    measured.map((test) => closed(`${test.id} over time as a table`, seriesTable(test))),
  );
}

function seriesTable(test: TestResult): Markup {
  const names = Object.keys(test.series).filter((name) => name !== 't');
  const step = Math.max(1, Math.ceil(test.series.t.length / mostRows));
  const picked = test.series.t.map((_, i) => i).filter((i) => i % step === 0);
  const thinned = step > 1 ? `, every ${step}th of ${test.series.t.length} intervals` : '';
  return table(
    `${test.id} over time${thinned}`,
    [{ title: 't s', numeric: true }, ...names.map((title) => ({ title, numeric: true }))],
    picked.map((i) => [number(test.series.t[i]), ...names.map((name) => number(test.series[name]?.[i]))]),
  );
}

interface Level {
  in_flight: number;
  throughput: number | null;
  success_rate: number | null;
  p50: number | null;
  p99: number | null;
}

/** The levels that a test measured, in `details.levels`. */
export function levelsOf(test: TestResult): Level[] {
  const levels = test.details?.['levels'];
  if (!Array.isArray(levels)) return [];
  const numberOf = (value: Json | undefined) => (typeof value === 'number' ? value : null);
  return levels.flatMap((level) => {
    if (!isJsonObject(level) || typeof level['in_flight'] !== 'number') return [];
    const [throughput, success_rate, p50, p99] = ['throughput', 'success_rate', 'p50', 'p99'].map((name) =>
      numberOf(level[name]),
    );
    return {
      in_flight: level['in_flight'],
      throughput: throughput!,
      success_rate: success_rate!,
      p50: p50!,
      p99: p99!,
    };
  });
}

/** Throughput by calls in flight, the scalability law, and what was found of capacity. */
export function capacity(run: RunResult): Markup | null {
  const found = run.tests.filter(
    (test) => levelsOf(test).length > 0 || metricsOf(test, /^(capacity|usl)\./).length > 0,
  );
  if (found.length === 0) return null;
  return section(
    'capacity',
    'Capacity',
    chart(
      'capacity-chart',
      'Throughput by calls in flight; the line is the scalability law, dotted beyond what was measured.',
    ),
    found.map((test) => {
      const levels = levelsOf(test);
      return [
        facts(test, /^(capacity|usl)\./),
        levels.length > 0 &&
          table(
            `Levels of ${test.id}`,
            ['In flight', 'Throughput', 'OK', 'p50 ms', 'p99 ms'].map((title) => ({ title, numeric: true })),
            levels.map((level) => [
              number(level.in_flight),
              quantity(level.throughput, 'ops/s'),
              level.success_rate === null ? '' : quantity(level.success_rate, 'ratio'),
              number(level.p50),
              number(level.p99),
            ]),
          ),
      ];
    }),
  );
}

/** Memory, CPU and file descriptors of the target, and whether they grow. */
export function resources(run: RunResult): Markup | null {
  const watched = run.tests.filter((test) => metricsOf(test, /^(target|leak)\./).length > 0);
  if (watched.length === 0) return null;
  return section(
    'resources',
    'Resources of the target',
    chart('memory-chart', 'Resident memory of the target, MB.'),
    chart('cpu-chart', 'CPU of the target, % of one core.'),
    chart('fds-chart', 'Open file descriptors of the target.'),
    watched.map((test) => facts(test, /^(target|leak)\./)),
    notJudged(run),
  );
}

function notJudged(run: RunResult): Markup | null {
  const lines = run.tests.flatMap((test) => test.notJudged.map((line) => `${test.id}: ${line}`));
  return lines.length === 0
    ? null
    : h(
        'ul',
        { 'aria-label': 'Not judged' },
        lines.map((line) => h('li', {}, `Not judged: ${line}`)),
      );
}

function metricsOf(test: TestResult, pattern: RegExp) {
  return Object.entries(test.metrics).filter(([name, { value }]) => pattern.test(name) && value !== null);
}

function facts(test: TestResult, pattern: RegExp): Markup | null {
  const entries = metricsOf(test, pattern);
  if (entries.length === 0) return null;
  return table(
    `${test.id}: ${entries.length} figures`,
    [{ title: 'Metric' }, { title: 'Value (95 % interval)', numeric: true }],
    entries.map(([name, metric]) => [name, metricText(metric)]),
  );
}

function chart(id: string, caption: string): Markup {
  return h(
    'figure',
    { id, class: 'chart scripted' },
    h('figcaption', {}, caption),
    h('div', { class: 'plot' }),
  );
}

function closed(title: string, body: Markup): Markup {
  return h('details', {}, h('summary', {}, title), body);
}
