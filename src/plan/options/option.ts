import type { ManyType, ValueType } from './value-type.js';

/** The commands that have options in the table. */
export const commandNames = ['test', 'load', 'compare', 'tools', 'call', 'doctor'] as const;

/** A command that has options in the table. */
export type CommandName = (typeof commandNames)[number];

/** Headings of help and docs, in their order. */
export const optionGroups = [
  'Target',
  'Load',
  'Comparison',
  'Calls and safety',
  'Suite',
  'Verdict',
  'Output',
] as const;

/** A heading of help and docs. */
export type OptionGroup = (typeof optionGroups)[number];

/** One option: everything that parsing, help, environment, docs and the config's schema need to know. */
export interface OptionSpec<T> {
  /** The long flag without dashes. */
  flag: string;
  /** One letter. */
  short?: string;
  /** Other long names that mean the same. */
  aliases?: readonly string[];
  type: ValueType<T> | ManyType<T extends (infer Item)[] ? Item : never>;
  default?: NoInfer<T>;
  /** A switch that is on by default and turned off by `--no-FLAG`. */
  negated?: boolean;
  /** One line, lower case, no full stop. */
  help: string;
  group: OptionGroup;
  commands: readonly CommandName[];
  /** The commands whose short help shows it; `--help-all` shows all. */
  shownBy?: readonly CommandName[];
  /** Only for the command line: neither in the environment nor in the config file. */
  flagOnly?: boolean;
  /** May come from the environment, but not from the config file. */
  notInConfig?: boolean;
  /** Its value is redacted wherever it would be shown. */
  secret?: boolean;
}

/** An option with a default: it always has a value. */
export interface DefaultedOption<T> extends OptionSpec<T> {
  default: NoInfer<T>;
}

/** Defines one option of the table. */
export function option<T>(spec: DefaultedOption<T>): DefaultedOption<T>;
export function option<T>(spec: OptionSpec<T>): OptionSpec<T>;
export function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec;
}

/** The variable that sets an option: `DYNO_MAX_WAITING` for `--max-waiting`; undefined where there is none. */
export function environmentName(spec: Pick<OptionSpec<never>, 'flag' | 'flagOnly'>): string | undefined {
  return spec.flagOnly ? undefined : `DYNO_${spec.flag.replaceAll('-', '_').toUpperCase()}`;
}
