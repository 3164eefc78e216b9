import { didYouMean, formatDuration, usageError, type ExitCode } from '../core/index.js';
import { wrap } from '../report/terminal/index.js';
import { chooseTests, findTest, leftToOthers, suiteTests } from '../suite/catalogue.js';
import { parametersOf, type ParameterValues, type SuiteTest } from '../suite/index.js';
import { thresholdsFor, type Threshold } from '../plan/thresholds/index.js';
import type { CommandContext } from './command.js';
import { measure } from './measure.js';
import { checkFlagTests, checkThresholdTests } from './threshold-tests.js';
import { thresholdsOf } from './thresholds.js';

const width = 80;

/** `dyno test`: the suite, or some of its tests, with a verdict. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, io } = context;
  if (settings.data === 'invalid') {
    throw usageError(
      'The tests of the suite need arguments that are answered, so --data invalid is for dyno load',
      'The suite has a test of its own: dyno test --only invalid-data.',
    );
  }
  const chosen = chooseTests(settings.only ?? [], settings.tag ?? []);
  checkConfiguredTests(context);
  const thresholds = thresholdsOf(context, io.env);
  await checkThresholdTests(thresholds);
  if (settings.list) return list(context, chosen);
  if (settings.explain !== undefined) return explain(context, findTest(settings.explain), thresholds);
  const named = (settings.only ?? settings.tag ?? []).length > 0;
  const { chosen: own, left } = leftToOthers(chosen, settings.profile, named);
  checkFlagTests(settings.threshold ?? [], own);
  const tests = own.map((test) => ({ test, parameters: parametersFor(context, test) }));
  return await measure(context, {
    tests,
    profile: settings.profile,
    thresholds,
    ratePerSecond: undefined,
    parallel: settings.parallel,
    parallelUnsafe: settings.parallelUnsafe,
    remarks:
      left.length === 0
        ? []
        : [
            `not in the ${settings.profile} profile: ${left.map((test) => test.id).join(', ')} (name them with --only)`,
          ],
    howOften: tests.map(
      ({ test, parameters }) =>
        `  ${test.id}: at most ${formatDuration(test.limitMs(parameters))} (${shownParameters(parameters)})`,
    ),
  });
}

function parametersFor({ settings, config }: CommandContext, test: SuiteTest): ParameterValues {
  const configured = config?.tests.get(test.id);
  return parametersOf(test, settings.profile, configured?.parameters, configured?.placeOf);
}

/** A slip in the config file is an error even where that test does not run this time. */
function checkConfiguredTests({ config, settings }: CommandContext): void {
  const known = suiteTests.map((test) => test.id);
  for (const [id, { parameters, placeOf }] of config?.tests ?? []) {
    const test = suiteTests.find((one) => one.id === id);
    if (!test) {
      throw usageError(
        `Expected tests in ${config!.file} to name tests of the suite, got '${id}'`,
        didYouMean(id, known) ?? 'See dyno test --list.',
      );
    }
    parametersOf(test, settings.profile, parameters, placeOf);
  }
}

function list({ settings, io }: CommandContext, tests: readonly SuiteTest[]): Promise<ExitCode> {
  if (settings.json) {
    const rows = tests.map(({ id, title, tags, originalName }) => ({ id, title, tags, originalName }));
    io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return Promise.resolve(0);
  }
  const wide = Math.max(...tests.map((test) => test.id.length));
  for (const { id, title, tags } of tests)
    io.stdout.write(`${id.padEnd(wide)}  ${title}  [${tags.join(' ')}]\n`);
  io.stdout.write(`${tests.length} tests; dyno test --explain ID says more of each\n`);
  return Promise.resolve(0);
}

function explain(context: CommandContext, test: SuiteTest, all: readonly Threshold[]): Promise<ExitCode> {
  const { settings, io } = context;
  const parameters = parametersFor(context, test);
  const thresholds = thresholdsFor(test.id, all);
  if (settings.json) {
    const { id, title, tags, originalName, explain: text } = test;
    const document = {
      id,
      title,
      tags,
      originalName,
      explain: text,
      profile: settings.profile,
      parameters,
      thresholds,
    };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return Promise.resolve(0);
  }
  const lines = [`${test.id}: ${test.title}`, `tags: ${test.tags.join(' ')}`];
  if (test.originalName !== undefined) lines.push(`also known as: ${test.originalName}`);
  lines.push('', ...wrap(test.explain, width), '');
  const names = Object.entries(test.parameters);
  if (names.length > 0)
    lines.push(`Parameters (profile ${settings.profile}; set by tests.${test.id} in a config file):`);
  for (const [name, { what }] of names)
    lines.push(
      ...wrap(`${name} = ${String(parameters[name])}: ${what}`, width - 2).map((line) => `  ${line}`),
    );
  lines.push(`Takes at most ${formatDuration(test.limitMs(parameters))}.`);
  if (thresholds.length > 0) lines.push('Thresholds:');
  for (const { name, metric, op, limit, unit } of thresholds) {
    lines.push(
      `  ${metric} ${op} ${limit}${unit === '' ? '' : ` ${unit}`}${name.startsWith('PERF_') ? `  (${name})` : ''}`,
    );
  }
  io.stdout.write(`${lines.join('\n')}\n`);
  return Promise.resolve(0);
}

function shownParameters(parameters: ParameterValues): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join('/') : value}`)
    .join(', ');
}
