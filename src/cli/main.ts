import { didYouMean, exitCodes, systemClock, usageError, type ExitCode } from '../core/index.js';
import type { CommandName } from '../plan/options/index.js';
import { reportError } from './report-error.js';
import type { CommandContext } from './command.js';
import { allCommands, ownCommands, tableCommands, type OwnCommand } from './commands.js';
import { Interrupts } from './interrupts.js';
import { flush, processIo, type Io } from './io.js';

/** Runs the command named by `args` (without `node` and the script) and ends the process with its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const io = processIo();
  const code = await runCommand(args, io);
  await flush(io);
  // By now every command has stopped what it started. Whatever a server left open must not keep us waiting.
  process.exit(code);
}

/** Runs the command named by `args`; what goes wrong is said on stderr, and the exit code tells. */
export async function runCommand(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    return reportError(error, io);
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first === undefined || first === '-h' || first === '--help' || first === 'help') {
    return help(first === 'help' ? rest[0] : undefined, io);
  }
  if (first === '-V' || first === '--version') {
    const { version } = await import('../core/version.js');
    io.stdout.write(`${version}\n`);
    return exitCodes.pass;
  }
  const command = tableCommands.find(({ name }) => name === first);
  if (command) return runTableCommand(command.name, rest, io);
  const own = ownCommands.find(({ name }) => name === first);
  if (own) return runOwnCommand(own, rest);
  if (first.startsWith('-') || first.includes('://')) return runTableCommand('test', args, io);
  throw usageError(
    `There is no command '${first}'`,
    didYouMean(first, allCommands) ?? 'See dyno --help. A target is a URL, or a start command after --.',
  );
}

async function runOwnCommand(command: OwnCommand, args: readonly string[]): Promise<ExitCode> {
  await (await command.load()).run(args);
  return exitCodes.pass;
}

async function help(name: string | undefined, io: Io): Promise<ExitCode> {
  const { commandHelp, generalHelp } = await import('./help.js');
  if (name === undefined) {
    const { version } = await import('../core/version.js');
    io.stdout.write(generalHelp(version));
    return exitCodes.pass;
  }
  const own = ownCommands.find((one) => one.name === name);
  if (own) return runOwnCommand(own, ['--help']);
  const command = tableCommands.find((one) => one.name === name);
  if (!command) throw usageError(`There is no command '${name}'`, didYouMean(name, allCommands));
  io.stdout.write(commandHelp(command, false));
  return exitCodes.pass;
}

async function runTableCommand(name: CommandName, args: readonly string[], io: Io): Promise<ExitCode> {
  const command = tableCommands.find((one) => one.name === name)!;
  const { parseCommandLine } = await import('./command-line.js');
  const line = parseCommandLine(name, args);
  if (line.help !== 'none') {
    const { commandHelp } = await import('./help.js');
    io.stdout.write(commandHelp(command, line.help === 'all'));
    return exitCodes.pass;
  }
  const { rememberGiven, rememberSettings } = await import('./given-secrets.js');
  rememberGiven(line.flags, io.env);
  const { resolveSettings } = await import('./settings.js');
  const merged = await resolveSettings(name, line.flags, io);
  rememberSettings(merged.settings);
  if (merged.settings.printConfig) {
    const { printConfig } = await import('./print-config.js');
    return printConfig(name, merged, io);
  }
  const { Log } = await import('./log.js');
  const log = new Log({
    level: merged.settings.logLevel,
    format: merged.settings.logFormat,
    write: (line) => {
      io.notice(line);
    },
    clock: systemClock,
  });
  for (const warning of merged.warnings) log.warn(warning);
  const interrupts = new Interrupts((sentence) => {
    io.notice(`${sentence}\n`);
  });
  const uninstall = interrupts.install();
  try {
    const context: CommandContext = {
      command: name,
      args,
      settings: merged.settings,
      origins: merged.origins,
      config: merged.config,
      words: line.words,
      startCommand: line.startCommand,
      io,
      log,
      interrupts,
    };
    if (name === 'test' || name === 'load') {
      const { firstLine } = await import('./first-line.js');
      firstLine(context);
    }
    const { run } = await command.load();
    return await run(context);
  } finally {
    uninstall();
  }
}
