import { didYouMean, usageError } from '../core/index.js';
import { metricText, table } from '../report/index.js';
import {
  baselineOf,
  findRun,
  listBaselines,
  mismatches,
  readBaseline,
  readRunFile,
  removeBaseline,
  saveBaseline,
} from '../store/index.js';
import { ownArguments, runDirOf, runDirOption, type Given, type OwnUsage } from './stored/own-options.js';

const usage: OwnUsage = {
  name: 'baseline',
  usage: [
    'dyno baseline save NAME [RUN]   from a stored run; the latest unless named',
    'dyno baseline list',
    'dyno baseline show NAME [RUN]   its values, and what makes RUN hard to compare',
    'dyno baseline rm NAME',
  ],
  options: {
    force: { help: 'with save: replace a baseline of this name' },
    json: { help: 'as JSON' },
    'baseline-dir': {
      value: 'DIR',
      help: 'where baselines are (default .dyno/baselines); made to be committed',
    },
    'run-dir': runDirOption,
  },
};

const actions = { save, list, show, rm: remove } as const;

/** `dyno baseline save|list|show|rm`. */
export const baselineCommand = {
  /** @throws DynoError (104) for a wrong word, a run without calls, or a baseline that is not there or damaged. */
  async run(args: readonly string[]): Promise<void> {
    const given = ownArguments(usage, args);
    if (given === undefined) return;
    const [word = 'list', ...rest] = given.words;
    if (!Object.hasOwn(actions, word)) {
      const names = Object.keys(actions);
      throw usageError(
        `dyno baseline has no '${word}'`,
        didYouMean(word, names) ?? `One of ${names.join(', ')}.`,
      );
    }
    await actions[word as keyof typeof actions](given, rest);
  },
};

const directoryOf = (given: Given) => given.one('baseline-dir') ?? '.dyno/baselines';

async function save(given: Given, [name, reference = 'latest', extra]: string[]): Promise<void> {
  if (name === undefined || extra !== undefined) throw usageError('Expected dyno baseline save NAME [RUN]');
  const directory = directoryOf(given);
  if (!given.has('force') && (await listBaselines(directory)).includes(name)) {
    throw usageError(`There is a baseline '${name}' already`, 'Replace it with --force.');
  }
  const run = await readRunFile(await findRun(runDirOf(given), reference));
  const path = await saveBaseline(directory, baselineOf(name, run));
  process.stdout.write(`baseline ${name} of run ${run.id}: ${path}\n`);
}

async function list(given: Given, [extra]: string[]): Promise<void> {
  if (extra !== undefined)
    throw usageError(
      `dyno baseline list takes no name, got '${extra}'`,
      'dyno baseline show NAME shows one.',
    );
  const directory = directoryOf(given);
  const names = await listBaselines(directory);
  const rows: { name: string; run: string; server: string; tests: number; commit: string }[] = [];
  for (const name of names) {
    const baseline = await readBaseline(directory, name).catch((error: unknown) => error as Error);
    if (baseline instanceof Error)
      rows.push({ name, run: baseline.message, server: '', tests: 0, commit: '' });
    else
      rows.push({
        name,
        run: baseline.run,
        server: baseline.target.server,
        tests: Object.keys(baseline.tests).length,
        commit: baseline.commit ?? '',
      });
  }
  if (given.has('json')) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  if (rows.length === 0) {
    process.stdout.write(`No baselines in ${directory}. dyno baseline save NAME makes one.\n`);
    return;
  }
  const columns = [
    { title: 'name', side: 'left' as const },
    { title: 'run', side: 'left' as const, max: 60 },
    { title: 'server', side: 'left' as const, max: 30 },
    { title: 'tests', side: 'right' as const },
    { title: 'commit', side: 'left' as const },
  ];
  const cells = rows.map((row) => [row.name, row.run, row.server, String(row.tests), row.commit.slice(0, 9)]);
  process.stdout.write(`${table(columns, cells, 120).join('\n')}\n`);
}

async function show(given: Given, [name, reference, extra]: string[]): Promise<void> {
  if (name === undefined || extra !== undefined) throw usageError('Expected dyno baseline show NAME [RUN]');
  const baseline = await readBaseline(directoryOf(given), name);
  const found =
    reference === undefined
      ? []
      : mismatches(baseline, await readRunFile(await findRun(runDirOf(given), reference)));
  if (given.has('json')) {
    process.stdout.write(
      `${JSON.stringify({ ...baseline, ...(reference === undefined ? {} : { mismatches: found.map((one) => one.text) }) })}\n`,
    );
    return;
  }
  const lines = [
    `${baseline.name}: run ${baseline.run} of ${baseline.target.server}${baseline.commit === undefined ? '' : `, commit ${baseline.commit.slice(0, 9)}`}`,
    `${baseline.environment.cpu} × ${baseline.environment.cores}, ${baseline.environment.os}, Node ${baseline.environment.node}`,
    ...found.map((one) => `⚠ ${one.text}`),
  ];
  for (const [id, { metrics }] of Object.entries(baseline.tests)) {
    lines.push('', `${id}:`);
    for (const [metric, value] of Object.entries(metrics))
      lines.push(`  ${metric.padEnd(28)} ${metricText(value)}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function remove(given: Given, [name, extra]: string[]): Promise<void> {
  if (name === undefined || extra !== undefined) throw usageError('Expected dyno baseline rm NAME');
  await removeBaseline(directoryOf(given), name);
  process.stdout.write(`baseline ${name} removed\n`);
}
