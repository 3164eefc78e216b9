import type { TableCommand } from './command.js';

/** The commands that share the option table, in the order of help. */
export const tableCommands: readonly TableCommand[] = [
  {
    name: 'doctor',
    summary: 'is this machine fit for a serious run',
    usage: ['dyno doctor [options]'],
    examples: [['dyno doctor', '']],
    load: () => import('./doctor.js'),
  },
];

/** What a command with its own options offers. */
export interface OwnCommand {
  name: string;
  summary: string;
  /** `run` gets what stood after the command's name and prints its own help. */
  load(): Promise<{ run(args: readonly string[]): Promise<void> }>;
}

/** Commands with options of their own. */
export const ownCommands: readonly OwnCommand[] = [
  {
    name: 'serve',
    summary: 'the reference server, with knobs of known truth',
    load: async () => (await import('./serve.js')).serveCommand,
  },
];

/** Every command name, for nearest matches. */
export const allCommands: readonly string[] = [
  ...tableCommands.map((command) => command.name),
  ...ownCommands.map((command) => command.name),
  'help',
];
