import { didYouMean, printableLine, usageError } from '../core/index.js';
import { parseAge } from '../plan/options/record-options.js';
// Not the folder's index: a list must not wait for the HTML report to load.
import { metricPlot } from '../report/terminal/metric-plot.js';
import { count, number } from '../report/terminal/numbers.js';
import { markOf } from '../report/terminal/paint.js';
import { table } from '../report/terminal/table.js';
import { prune, RunIndex, type Retention, type RunFilter, type RunRow } from '../store/index.js';
import {
  countOf,
  ownArguments,
  runDirOf,
  runDirOption,
  type Given,
  type OwnUsage,
} from './stored/own-options.js';

const usage: OwnUsage = {
  name: 'history',
  usage: [
    'dyno history                                         the newest runs',
    'dyno history --metric single-tool-latency:latency.p95   one metric over runs',
    'dyno history --changes                               where levels changed, with commit and date',
    'dyno history -o html=history.html                    metrics over runs as a page',
    'dyno history --prune --keep 100 --max-age 90d        delete older runs',
  ],
  options: {
    limit: { short: 'n', value: 'N', help: 'at most so many runs (default 20; 100 with --metric)' },
    status: { value: 'STATUS', help: 'pass, fail, inconclusive, error or damaged' },
    target: { value: 'TEXT', help: 'runs whose server, address or command has this in it' },
    commit: { value: 'HASH', help: 'runs of this commit' },
    since: { value: 'TIME', help: 'runs since a date (2026-11-01), or for so long (7d, 12h)' },
    metric: { short: 'm', value: 'TEST:METRIC', help: 'plot this metric; without its test where one has it' },
    changes: { help: 'change points of all metrics; from 20 runs on' },
    out: { short: 'o', value: 'html=FILE', help: 'a page: the --metric or the main ones, and the runs' },
    json: { help: 'as JSON' },
    prune: { help: 'delete runs beyond --keep or --max-age; the newest stays' },
    keep: { value: 'N', help: 'with --prune: keep the newest so many' },
    'max-age': { value: 'TIME', help: 'with --prune: keep what is younger, such as 90d' },
    'run-dir': runDirOption,
  },
};

const statuses = ['pass', 'fail', 'inconclusive', 'error', 'damaged'];

/** `dyno history`: stored runs in a list, one metric over them, and retention. */
export const historyCommand = {
  /** @throws DynoError (104) for a wrong option or an unknown metric. */
  async run(args: readonly string[]): Promise<void> {
    const given = ownArguments(usage, args);
    if (given === undefined) return;
    if (given.words.length > 0)
      throw usageError(
        `dyno history takes options only, got '${given.words[0]!}'`,
        'See dyno history --help.',
      );
    const directory = runDirOf(given);
    if (given.has('prune')) {
      const gone = await prune(directory, retentionOf(given), new Date());
      process.stdout.write(`${gone.length} runs deleted from ${directory}\n`);
      return;
    }
    if (given.has('keep') || given.has('max-age'))
      throw usageError('--keep and --max-age need --prune', 'See dyno history --help.');
    const filter = filterOf(given);
    const index = await RunIndex.open(directory);
    try {
      const metric = given.one('metric');
      const json = given.has('json');
      const out = given.one('out');
      if (out !== undefined) {
        const { pageFile, writeHistoryPage } = await import('./history/page.js');
        const file = pageFile(out);
        const named = metric === undefined ? undefined : nameOfMetric(index, metric);
        process.stderr.write(await writeHistoryPage(index, { filter, directory, file, metric: named }));
      } else if (given.has('changes'))
        process.stdout.write(await changesText(index, filter, directory, json));
      else if (metric === undefined) process.stdout.write(listText(index, filter, directory, json));
      else process.stdout.write(await plotText(index, metric, filter, directory, json));
    } finally {
      index.close();
    }
  },
};

function listText(index: RunIndex, filter: RunFilter, directory: string, json: boolean): string {
  const rows = index.list(filter);
  if (json) {
    return `${JSON.stringify(rows.map(({ id, startedAt, status, exitCode, target, tests, calls, throughput, p50, p99, commit }) => ({ id, startedAt, status, exitCode, target, tests, calls, throughput, p50, p99, commit })))}\n`;
  }
  const { size } = index;
  if (size === 0) return `No runs in ${directory}. dyno test and dyno load store them.\n`;
  if (rows.length === 0) return `None of the ${size} runs in ${directory} is of this kind.\n`;
  const lines = table(
    [
      { title: 'run', side: 'left' },
      { title: 'verdict', side: 'left' },
      { title: 'server', side: 'left', max: 28 },
      { title: 'calls', side: 'right' },
      { title: 'calls/s', side: 'right' },
      { title: 'p50', side: 'right' },
      { title: 'p99 ms', side: 'right' },
      { title: 'commit', side: 'left' },
    ],
    rows.map(cellsOf),
    Math.max(100, process.stdout.columns || 0),
  );
  const more = size > rows.length ? `${rows.length} of ${size} runs\n` : '';
  return `${lines.join('\n')}\n${more}`;
}

function cellsOf(row: RunRow): string[] {
  return [
    row.id,
    `${markOf(row.status === 'damaged' ? 'error' : row.status).mark} ${row.status}`,
    printableLine(row.target, 60),
    count(row.calls),
    number(row.throughput),
    number(row.p50),
    number(row.p99),
    printableLine(row.commit.slice(0, 9), 9),
  ];
}

async function changesText(
  index: RunIndex,
  filter: RunFilter,
  directory: string,
  json: boolean,
): Promise<string> {
  const { allChanges, changeLines } = await import('./history/changes.js');
  const { changes, judged, notJudged } = await allChanges(index, filter, directory);
  if (json) return `${JSON.stringify({ changes, judged, notJudged })}\n`;
  if (judged === 0) {
    const why = notJudged[0]?.reason ?? `no metrics in ${directory}`;
    return `Not judged: ${why}.\n`;
  }
  if (changes.length === 0) return `No change of level in ${judged} metrics.\n`;
  return `${changes.flatMap((change) => changeLines(change, true)).join('\n')}\n`;
}

async function plotText(
  index: RunIndex,
  wanted: string,
  filter: RunFilter,
  directory: string,
  json: boolean,
): Promise<string> {
  const names = index.metricNames();
  const name = nameOfMetric(index, wanted);
  const points = index.metric(name, { limit: 100, ...filter });
  if (points.length === 0) {
    throw usageError(
      `No stored run of this kind has a metric '${wanted}'`,
      didYouMean(wanted, names) ?? 'Names look like single-tool-latency:latency.p95.',
    );
  }
  const { changesOf, changeLines } = await import('./history/changes.js');
  const found = await changesOf(name, points, directory);
  const changes = found.kind === 'judged' ? found.changes : [];
  if (json) {
    const reason = found.kind === 'judged' ? {} : { notJudged: found.reason };
    return `${JSON.stringify({ metric: name, points, changes, ...reason })}\n`;
  }
  const marks = changes.map((change) => points.findIndex((point) => point.id === change.run));
  const told =
    found.kind === 'not judged'
      ? [`change points: not judged, ${found.reason}`]
      : changes.length === 0
        ? ['change points: none']
        : changes.flatMap((change) => changeLines(change, false));
  return `${metricPlot(name, points, marks)}${told.join('\n')}\n`;
}

/** The full name of a metric that may be named without its test. @throws DynoError (104) where several tests have it. */
function nameOfMetric(index: RunIndex, wanted: string): string {
  const names = index.metricNames();
  const matching = names.includes(wanted) ? [wanted] : names.filter((name) => name.endsWith(`:${wanted}`));
  if (matching.length > 1) {
    throw usageError(
      `${matching.length} tests have a metric '${wanted}': ${matching.slice(0, 4).join(', ')}`,
      'Name one with its test.',
    );
  }
  return matching[0] ?? wanted;
}

function filterOf(given: Given): RunFilter {
  const status = given.one('status');
  if (status !== undefined && !statuses.includes(status)) {
    throw usageError(
      `Expected --status to be one of ${statuses.join(', ')}, got '${status}'`,
      didYouMean(status, statuses),
    );
  }
  const [limit, target, commit, since] = ['limit', 'target', 'commit', 'since'].map((name) =>
    given.one(name),
  );
  return {
    ...(limit === undefined ? {} : { limit: countOf(limit, '--limit') }),
    ...(status === undefined ? {} : { status }),
    ...(target === undefined ? {} : { target }),
    ...(commit === undefined ? {} : { commit }),
    ...(since === undefined ? {} : { since: sinceOf(since) }),
  };
}

function sinceOf(text: string): string {
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const moment = new Date(text);
    if (Number.isNaN(moment.getTime()))
      throw usageError(`Expected --since to be a date or a time such as 7d, got '${text}'`);
    return moment.toISOString();
  }
  return new Date(Date.now() - parseAge(text, '--since')).toISOString();
}

function retentionOf(given: Given): Retention {
  const [keep, maxAge] = [given.one('keep'), given.one('max-age')];
  if (keep === undefined && maxAge === undefined)
    throw usageError('--prune needs --keep N, --max-age TIME, or both');
  return {
    ...(keep === undefined ? {} : { keep: countOf(keep, '--keep') }),
    ...(maxAge === undefined ? {} : { maxAgeMs: parseAge(maxAge, '--max-age') }),
  };
}
