import { environmentName, optionGroups, optionsOf, type AnyOption } from '../plan/options/index.js';
import type { TableCommand } from './command.js';
import { ownCommands, tableCommands } from './commands.js';

const width = 80;

/** `-c, --connections N`: how help names an option. */
export function usageOf(spec: AnyOption): string {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  const value = spec.type.placeholder === '' ? '' : ` ${spec.type.placeholder}`;
  return `${short}--${spec.negated ? 'no-' : ''}${spec.flag}${value}`;
}

function defaultOf(spec: AnyOption): string {
  const value = spec.default as unknown;
  if (value === undefined || typeof value === 'boolean') return '';
  return ` [${spec.type.show(value as never)}]`;
}

/** Names longer than this do not widen the column of names. */
const widestName = 36;

/** Names and what they are, in columns; where both do not fit beside each other, the name alone. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([name]) => (name.length <= widestName ? name.length : 0)));
  return rows.map(([name, text]) => {
    const line = `  ${name.padEnd(left)}  ${text}`.trimEnd();
    return line.length <= width ? line : `  ${name}`;
  });
}

/** The help of one command: what most people need, or everything with the environment's names. */
export function commandHelp(command: TableCommand, everything: boolean): string {
  const options = optionsOf(command.name).filter(
    ([, spec]) => everything || spec.shownBy?.includes(command.name) === true,
  );
  const lines = [`dyno ${command.name}: ${command.summary}`, ''];
  lines.push(...command.usage.map((usage, index) => `${index === 0 ? 'Usage: ' : '       '}${usage}`));
  const left = Math.min(28, Math.max(...options.map(([, spec]) => usageOf(spec).length)));
  for (const group of optionGroups) {
    const rows = options.filter(([, spec]) => spec.group === group);
    if (rows.length === 0) continue;
    lines.push(group);
    for (const [, spec] of rows) {
      const variable = everything ? environmentName(spec) : undefined;
      const text = `${spec.help}${defaultOf(spec)}`;
      lines.push(`  ${usageOf(spec).padEnd(left)}  ${text}`);
      if (variable !== undefined) lines.push(`  ${' '.repeat(left)}  ${variable}`);
    }
  }
  lines.push('Examples', ...columns(command.examples));
  const more = everything ? '' : `All options: dyno ${command.name} --help-all`;
  if (more !== '') lines.push(more);
  return `${lines.join('\n')}\n`;
}

/** What `dyno --help` prints. */
export function generalHelp(version: string): string {
  const commands = [...tableCommands, ...ownCommands].map(({ name, summary }) => [name, summary] as const);
  return `${[
    `mcp-dyno ${version}: how fast an MCP server is, what it carries, what it leaks`,
    '',
    'Usage: dyno [COMMAND] [URL] [options]',
    '       dyno [COMMAND] [options] -- START COMMAND [ARGS…]',
    'Commands',
    ...columns(commands),
    'Examples',
    ...columns([
      ['dyno http://127.0.0.1:3000/mcp', 'test a running server (test is meant)'],
      ['dyno -- node build/server.js', 'test a server by its start command'],
      ['dyno test', 'test the bundled reference server'],
    ]),
    'Without --tool or --allow only tools marked read-only are called.',
    'Exit codes: 0 pass, 99 failed, 104 usage, 105 stopped, 111 unreachable,',
    '            112 inconclusive, 113 regression, 1 internal error',
    'Help of a command: dyno COMMAND --help',
  ].join('\n')}\n`;
}
