import { performanceVariables } from '../thresholds/performance-variables.js';
import { knownMetrics, shortForms } from '../thresholds/metric.js';
import { allowedUnits, ownUnit } from '../thresholds/unit.js';
import { environmentName, optionGroups } from './option.js';
import { optionEntries, type AnyOption } from './table.js';

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function defaultOf(spec: AnyOption): string {
  const value = spec.default as unknown;
  if (value === undefined) return '';
  return code(spec.type.show(value as never));
}

function flagOf(spec: AnyOption): string {
  const short = spec.short === undefined ? '' : `\`-${spec.short}\`, `;
  const value = spec.type.placeholder === '' ? '' : ` ${spec.type.placeholder}`;
  const aliases = (spec.aliases ?? []).map((alias) => `, ${code(`--${alias}`)}`).join('');
  return `${short}${code(`--${spec.negated ? 'no-' : ''}${spec.flag}${value}`)}${aliases}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** docs/options.md: every option, every variable, every metric, in Markdown. */
export function optionsPage(): string {
  const lines = [
    '# Options',
    '',
    '<!-- Made by `npm run generate` from src/plan/options; do not edit. -->',
    '',
    'Values are taken from, each over the one before: the default, the config file, the environment, the flag.',
    '`--print-config` shows each value with its origin.',
  ];
  for (const group of optionGroups) {
    const entries = optionEntries.filter(([, spec]) => spec.group === group);
    lines.push('', `## ${group}`, '', row(['flag', 'default', 'environment', 'config key', 'commands', '']));
    lines.push(row(['---', '---', '---', '---', '---', '---']));
    for (const [key, spec] of entries) {
      const variable = environmentName(spec);
      lines.push(
        row([
          flagOf(spec),
          defaultOf(spec),
          variable === undefined ? '' : code(variable),
          spec.flagOnly || spec.notInConfig ? '' : code(key),
          spec.commands.join(', '),
          spec.help.replaceAll('|', '\\|'),
        ]),
      );
    }
  }
  lines.push('', '## Limits of the suite', '', 'Read from the environment; `0.8` is a share of 0 to 1.', '');
  lines.push(row(['variable', 'default', 'decides']), row(['---', '---', '---']));
  for (const { name, default: value, unit, op, decides } of performanceVariables) {
    const what = decides.map(({ test, metric, factor }) => {
      const limit = factor === undefined ? '' : ` ${factor} times`;
      return code(`${test}:${metric} ${op}${limit === '' ? '' : limit}`);
    });
    lines.push(row([code(name), `${value}${unit === '' ? '' : ` ${unit}`}`, what.join(', ')]));
  }
  lines.push('', '## Thresholds', '');
  lines.push(
    '`[test:]metric[{operation=NAME}] op value[unit]` with `op` one of `<` `<=` `>` `>=`. Short forms:',
  );
  lines.push(`${[...shortForms].map(([short, metric]) => `${code(short)} is ${code(metric)}`).join(', ')}.`);
  lines.push('`at_5.success_rate` is a metric at 5 in flight, in tests that have levels.', '');
  lines.push(row(['metric', 'unit', 'may be written in']), row(['---', '---', '---']));
  for (const { name, dimension } of knownMetrics.values()) {
    lines.push(row([code(name), ownUnit(dimension), allowedUnits(dimension).join(' ')]));
  }
  return `${lines.join('\n')}\n`;
}
