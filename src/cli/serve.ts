import { Command, CommanderError, Option } from 'commander';
import { didYouMean, usageError } from '../core/index.js';
import { defaultKnobs, knobTable, runReference, type ReferenceKnobs } from '../reference/index.js';

/**
 * Reads the options of `dyno serve`.
 *
 * @returns undefined where help was asked for and printed.
 * @throws DynoError (104) for an unknown option or a wrong value.
 */
export function parseServe(args: readonly string[]): ReferenceKnobs | undefined {
  const knobs: ReferenceKnobs = { ...defaultKnobs };
  const command = new Command('dyno serve')
    .description(serveCommand.description)
    .helpOption('-h, --help-all')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .allowExcessArguments(false);
  for (const { flags, group, description, set } of knobTable) {
    const option = new Option(flags, description).helpGroup(`${group[0]!.toUpperCase()}${group.slice(1)}:`);
    command.addOption(option);
    command.on(`option:${option.name()}`, (text: string | null) => {
      set(knobs, text ?? '');
    });
  }
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw asUsageError(error, args);
  }
  return knobs;
}

function asUsageError(error: CommanderError, args: readonly string[]): Error {
  const flags = knobTable.map((knob) => knob.flags.split(' ')[0]!);
  const unknown =
    error.code === 'commander.unknownOption' ? /'(--?[^']*)'/.exec(error.message)?.[1] : undefined;
  if (unknown !== undefined) {
    return usageError(
      `dyno serve has no option '${unknown}'`,
      didYouMean(unknown, flags) ?? 'See dyno serve --help.',
    );
  }
  if (error.code === 'commander.excessArguments') {
    const word = args.find((arg, index) => !arg.startsWith('-') && !args[index - 1]?.startsWith('--'));
    return usageError(`dyno serve takes options only, got '${word ?? ''}'`, 'See dyno serve --help.');
  }
  const message = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  return usageError(`dyno serve: ${message}`, 'See dyno serve --help.');
}

/** The knobs that most people turn; `--help-all` shows all. */
const mainKnobs = new Set(
  (
    'stdio port host path answer service-time service-distribution slow-share slow-time stall slots fail keep-bytes ' +
    'session-limit catalogue page-size lying-annotations no-annotations protocol exit-with-stdin'
  ).split(' '),
);

function shortHelp(): string {
  const shown = knobTable.filter(
    ({ flags }) => mainKnobs.has(new Option(flags).name()) || mainKnobs.has(flags.slice(2)),
  );
  const left = Math.max(...shown.map(({ flags }) => flags.length));
  const room = 80 - left - 4;
  const rows = shown.map(({ flags, description }) => {
    const text = description.length <= room ? description : `${description.slice(0, room - 1)}…`;
    return `  ${flags.padEnd(left)}  ${text}`;
  });
  return `${[
    `dyno serve: ${serveCommand.description}`,
    '',
    'Usage: dyno serve [options]',
    ...rows,
    'All options: dyno serve --help-all',
  ].join('\n')}\n`;
}

/** `dyno serve`: the reference server in a process of its own. */
export const serveCommand = {
  name: 'serve',
  description: 'the reference server: a made-up inventory with knobs of known truth',
  /** @throws DynoError (104) for a wrong option; DynoError (111) where it cannot listen. */
  async run(args: readonly string[]): Promise<void> {
    if (args.includes('--help') || args.includes('-h')) {
      process.stdout.write(shortHelp());
      return;
    }
    const knobs = parseServe(args);
    if (knobs !== undefined) await runReference(knobs);
  },
};
