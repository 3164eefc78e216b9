import type { ExitCode } from '../core/index.js';
import type { CommandName, MergedSettings } from '../plan/options/index.js';
import type { LoadedConfig } from '../plan/config/index.js';
import type { Interrupts } from './interrupts.js';
import type { Io } from './io.js';
import type { Log } from './log.js';

/** What a command is run with. */
export interface CommandContext extends MergedSettings {
  command: CommandName;
  /** What was typed after the command's name. */
  args: readonly string[];
  /** What stood before `--` that was no option. */
  words: readonly string[];
  /** What stood after `--`; undefined where there was none. */
  startCommand: readonly string[] | undefined;
  /** The config file, where there is one. */
  config: LoadedConfig | undefined;
  io: Io;
  log: Log;
  interrupts: Interrupts;
}

/** A file of a command: `run` does it all and says how it came out. */
export interface CommandModule {
  run(context: CommandContext): Promise<ExitCode>;
}

/** A command that is described by the option table. */
export interface TableCommand {
  name: CommandName;
  /** One line, no full stop. */
  summary: string;
  usage: readonly string[];
  examples: readonly (readonly [line: string, comment: string])[];
  load(): Promise<CommandModule>;
}
