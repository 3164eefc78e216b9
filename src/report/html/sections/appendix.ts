import type { RunResult, TestResult } from '../../../core/index.js';
import { number } from '../../terminal/numbers.js';
import { h, section, table, type Markup } from '../markup.js';
import { metricTable, operations } from './tests.js';

const method = [
  'Latency counts from the intended start of a call to its end, service time from its actual sending. In an open model the two differ when the server or its connections are busy; a closed model cannot see the calls that a stall prevented.',
  'Percentiles come from HDR histograms (1 µs to 1 h, three digits). p95 needs 20 samples, p99 100, p99.9 1,000, else it is blank; their intervals are binomial order-statistic intervals and need 72, 368 and 3,688.',
  'Only ok calls count as throughput. A load generator that was at its limit makes results worse, never better: what passes anyway passes, what fails is undecided.',
  'Compared builds: ratios by Hodges-Lehmann over randomised pairs, or by moving blocks of two stored runs; “same” means that the whole interval lies within the zone.',
];

/** All tables, what the generator knows of itself, notes on method, and the raw result to download. */
export function appendix(run: RunResult): Markup {
  return section(
    'appendix',
    'Appendix',
    loadQuality(run),
    run.tests.map((test) => details(test)),
    h(
      'details',
      {},
      h('summary', {}, 'Effective plan'),
      h('pre', { tabindex: 0 }, JSON.stringify(run.plan, null, 2)),
    ),
    h('h3', {}, 'Method'),
    h(
      'ul',
      {},
      method.map((line) => h('li', {}, line)),
    ),
    h(
      'p',
      { class: 'scripted' },
      h('button', { id: 'download', type: 'button' }, 'Download the raw result (JSON)'),
    ),
  );
}

function details(test: TestResult): Markup | null {
  const parts = [operations(test), metricTable(test)].filter((part) => part !== null);
  const notes = [...test.notes, ...test.notJudged.map((line) => `Not judged: ${line}`)];
  if (parts.length === 0 && notes.length === 0) return null;
  return h(
    'details',
    { open: test.status === 'fail' || test.status === 'error' },
    h('summary', {}, `${test.id}: ${test.title}`),
    notes.length > 0 &&
      h(
        'ul',
        {},
        notes.map((note) => h('li', {}, note)),
      ),
    parts,
  );
}

function loadQuality(run: RunResult): Markup | null {
  const watched = run.tests.flatMap((test) =>
    test.generator ? [{ id: test.id, generator: test.generator }] : [],
  );
  if (watched.length === 0) return null;
  return table(
    'Load quality: what the generator knows of itself',
    [
      { title: 'Test' },
      { title: 'Busy %', numeric: true },
      { title: 'CPU %', numeric: true },
      { title: 'Loop lag p99 ms', numeric: true },
      { title: 'Schedule lag p99 ms', numeric: true },
      { title: 'At its limit' },
    ],
    watched.map(({ id, generator }) => [
      id,
      number(generator.busyPercent),
      number(generator.cpuPercent),
      number(generator.loopLagP99Ms),
      number(generator.scheduleLagP99Ms),
      generator.limited ? `yes: ${generator.evidence.join('; ')}` : 'no',
    ]),
  );
}
