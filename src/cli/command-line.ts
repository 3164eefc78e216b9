import { Command, CommanderError, Option } from 'commander';
import { usageError } from '../core/index.js';
import {
  flagHint,
  optionsOf,
  type AnyOption,
  type CommandName,
  type GivenFlag,
  type OptionKey,
} from '../plan/options/index.js';

/** A command line, taken apart but not yet typed. */
export interface CommandLine {
  flags: Map<OptionKey, GivenFlag>;
  words: string[];
  /** What stood after the first `--`. */
  startCommand: string[] | undefined;
  /** `-h`/`--help`, or `--help-all`. */
  help: 'none' | 'short' | 'all';
}

/**
 * Takes a command's arguments apart.
 *
 * @throws DynoError (104): a flag that the command does not have (with the nearest one), a flag without its value.
 */
export function parseCommandLine(name: CommandName, args: readonly string[]): CommandLine {
  const dashes = args.indexOf('--');
  const own = dashes === -1 ? args : args.slice(0, dashes);
  const flags: CommandLine['flags'] = new Map();
  const parser = new Command(name)
    .exitOverride()
    .helpOption(false)
    .allowExcessArguments()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
    .showSuggestionAfterError(false)
    .option('-h, --help')
    .option('--help-all');
  for (const [key, spec] of optionsOf(name)) addOption(parser, flags, key, spec);
  try {
    parser.parse([...own], { from: 'user' });
  } catch (error) {
    throw translated(name, error);
  }
  const { help, helpAll } = parser.opts<{ help?: true; helpAll?: true }>();
  return {
    flags,
    words: parser.args,
    startCommand: dashes === -1 ? undefined : args.slice(dashes + 1),
    help: helpAll ? 'all' : help ? 'short' : 'none',
  };
}

function addOption(parser: Command, flags: CommandLine['flags'], key: OptionKey, spec: AnyOption): void {
  const given = (as: string, value: boolean | string) => {
    if (typeof value === 'boolean') {
      flags.set(key, { as, value });
      return;
    }
    const before = flags.get(key)?.value;
    flags.set(key, { as, value: Array.isArray(before) ? [...(before as string[]), value] : [value] });
  };
  const names = [spec.flag, ...(spec.aliases ?? [])];
  for (const [index, name] of names.entries()) {
    const long = `--${name}`;
    const short = index === 0 && spec.short !== undefined ? `-${spec.short}, ` : '';
    const value = spec.type.placeholder === '' ? '' : ` <value>`;
    parser.addOption(new Option(`${short}${long}${value}`));
    parser.on(`option:${name}`, (text: string | null) => {
      given(long, text ?? true);
    });
    if (value === '') {
      parser.addOption(new Option(`--no-${name}`));
      parser.on(`option:no-${name}`, () => {
        given(`--no-${name}`, false);
      });
    }
  }
}

function translated(name: CommandName, error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  if (error.code === 'commander.unknownOption') {
    return usageError(
      `'${quoted.replace(/=.*$/s, '')}' is no option of dyno ${name}`,
      flagHint(name, quoted),
    );
  }
  if (error.code === 'commander.optionMissingArgument') {
    const flag = quoted.split(/[ ,]+/).find((part) => part.startsWith('--')) ?? quoted;
    return usageError(`${flag} needs a value`, `See dyno ${name} --help.`);
  }
  return usageError(error.message.replace(/^error: /, ''), `See dyno ${name} --help.`);
}
