import { isJsonObject, type RunResult } from '../../../core/index.js';
import { factsOf, hostOf } from '../../facts.js';
import { markOf } from '../../terminal/paint.js';
import { h, type Markup } from '../markup.js';

const words = { pass: 'Pass', fail: 'Fail', inconclusive: 'Undecided', error: 'Error' } as const;

/** The verdict as a sentence, what was exercised, what to be careful of, where and how it was measured. */
export function header(run: RunResult): Markup {
  const { verdict, warnings, comparison } = run;
  const cautions = [...(comparison?.warnings ?? []), ...warnings];
  const command = reproduction(run);
  return h(
    'header',
    {},
    h('p', { class: `status ${verdict.status}` }, `${markOf(verdict.status).mark} ${words[verdict.status]}`),
    h('p', { class: 'host' }, hostOf(run)),
    h('h1', {}, verdict.sentence),
    h('p', {}, `Exercised: ${verdict.exercised}. Exit code ${verdict.exitCode}.`),
    comparison !== undefined &&
      !verdict.sentence.includes(comparison.sentence) &&
      h('p', { class: 'compared' }, comparison.sentence),
    cautions.length > 0 &&
      h(
        'ul',
        { class: 'warnings', 'aria-label': 'Warnings' },
        cautions.map((one) => h('li', {}, `⚠ ${one}`)),
      ),
    h(
      'dl',
      { class: 'facts' },
      factsOf(run).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
    command !== undefined && h('p', { class: 'again' }, 'Measure again: ', h('code', {}, command)),
  );
}

/** The command that measures the same again; undefined where the run does not tell. */
function reproduction({ plan, target, tests }: RunResult): string | undefined {
  const given = plan['commandLine'];
  if (typeof given === 'string') return given;
  if (Array.isArray(given)) return given.map((word) => quoted(String(word))).join(' ');
  const where = target.url ?? (target.command === undefined ? undefined : `-- ${target.command}`);
  if (where === undefined || tests.length === 0) return undefined;
  const free = tests.length === 1 && tests[0]!.id === 'load';
  const seed = isJsonObject(plan) && typeof plan['seed'] === 'number' ? ` --seed ${plan['seed']}` : '';
  const profile = !free && typeof plan['profile'] === 'string' ? ` --profile ${quoted(plan['profile'])}` : '';
  return `dyno ${free ? 'load' : 'test'}${profile}${seed} ${where}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
