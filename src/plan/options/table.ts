import { comparisonOptions } from './comparison-options.js';
import { interactionOptions } from './interaction-options.js';
import { callOptions, loadOptions } from './load-options.js';
import { operationOptions } from './operation-options.js';
import { dataOptions } from './data-options.js';
import type { CommandName, DefaultedOption, OptionSpec } from './option.js';
import { recordOptions } from './record-options.js';
import { outputOptions, suiteOptions, verdictOptions } from './result-options.js';
import { sessionOptions } from './session-options.js';
import { streamOptions } from './stream-options.js';
import { targetOptions } from './target-options.js';
import { workloadOptions } from './workload-options.js';

/** The one table of options. Its keys are the names in code and in the config file. */
export const optionTable = {
  ...targetOptions,
  ...loadOptions,
  ...workloadOptions,
  ...sessionOptions,
  ...interactionOptions,
  ...streamOptions,
  ...comparisonOptions,
  ...callOptions,
  ...operationOptions,
  ...dataOptions,
  ...suiteOptions,
  ...verdictOptions,
  ...outputOptions,
  ...recordOptions,
};

/** The name of an option in code and in the config file. */
export type OptionKey = keyof typeof optionTable;

type ValueOf<S> =
  S extends DefaultedOption<infer T> ? T : S extends OptionSpec<infer T> ? T | undefined : never;

/** The value of every option; undefined where none was given and there is no default. */
export type Settings = { [Key in OptionKey]: ValueOf<(typeof optionTable)[Key]> };

/** An entry of the table, of whatever type. */
export type AnyOption = OptionSpec<never>;

/** All options as pairs of key and entry, in the order of the table. */
export const optionEntries = Object.entries(optionTable) as unknown as readonly (readonly [
  OptionKey,
  AnyOption,
])[];

/** The options of a command, in the order of the table. */
export function optionsOf(command: CommandName): (readonly [OptionKey, AnyOption])[] {
  return optionEntries.filter(([, spec]) => spec.commands.includes(command));
}

/** Every long name that a command's option answers to, without dashes. */
export function flagNames(spec: AnyOption): string[] {
  return [spec.negated ? `no-${spec.flag}` : spec.flag, ...(spec.aliases ?? [])];
}
