import { didYouMean, DynoError, usageError } from '../../core/index.js';
import { environmentName, type CommandName } from './option.js';
import {
  flagNames,
  optionEntries,
  optionsOf,
  type AnyOption,
  type OptionKey,
  type Settings,
} from './table.js';
import { isMany, type ValueType } from './value-type.js';

/** Where a value came from; each kind takes precedence over those before it. */
export type Origin =
  | { kind: 'default' }
  | { kind: 'config'; place: string }
  | { kind: 'environment'; name: string }
  | { kind: 'flag'; name: string };

/** The order of precedence, low to high. */
export const originOrder: readonly Origin['kind'][] = ['default', 'config', 'environment', 'flag'];

/** One option as it stood on the command line: `as` is what was typed, such as `--vus`. */
export interface GivenFlag {
  as: string;
  /** True or false for a switch, else each value in turn. */
  value: boolean | readonly string[];
}

/** The option values of a config file. */
export interface ConfigValues {
  values: Readonly<Partial<Record<OptionKey, unknown>>>;
  /** The file, with the line where known, of a top-level key. */
  placeOf(key: string): string;
}

/** The layers that settings are merged from. */
export interface SettingLayers {
  config?: ConfigValues | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  flags: ReadonlyMap<OptionKey, GivenFlag>;
}

/** Settings and where each came from. */
export interface MergedSettings {
  settings: Settings;
  origins: Record<OptionKey, Origin>;
}

/**
 * The value of every option of a command: default < config file < environment < flag. A higher layer replaces a lower
 * one whole; lists are not joined.
 *
 * @throws DynoError (104) that names the flag, variable or key whose value is wrong.
 */
export function mergeSettings(command: CommandName, layers: SettingLayers): MergedSettings {
  const settings: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  const taken = new Set(optionsOf(command).map(([key]) => key));
  for (const [key, spec] of optionEntries) {
    const type = spec.type as ValueType<unknown>;
    settings[key] = spec.default;
    origins[key] = { kind: 'default' };
    const fromFile = layers.config?.values[key];
    if (layers.config && fromFile !== undefined) {
      const place = layers.config.placeOf(key);
      const value = hiding(spec, () => type.read(fromFile, `${key} in ${place}`));
      if (taken.has(key)) {
        settings[key] = value;
        origins[key] = { kind: 'config', place };
      }
    }
    if (!taken.has(key)) continue;
    const name = environmentName(spec);
    const variable = name === undefined ? undefined : layers.environment[name];
    if (name !== undefined && variable !== undefined && variable !== '') {
      settings[key] = hiding(spec, () => type.parse(variable, name));
      origins[key] = { kind: 'environment', name };
    }
    const given = layers.flags.get(key);
    if (given) {
      settings[key] = hiding(spec, () => parseGiven(spec, given));
      origins[key] = { kind: 'flag', name: given.as };
    }
  }
  return { settings: settings as Settings, origins: origins as Record<OptionKey, Origin> };
}

/** Reads a value; a wrong one of a secret option is not repeated: it may be a secret with a slip in it. */
export function hiding<T>(spec: AnyOption, read: () => T): T {
  if (!spec.secret) return read();
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    throw usageError(`${error.message.replace(/, got [^]*$/, '')} (what was given is not shown)`);
  }
}

function parseGiven(spec: AnyOption, given: GivenFlag): unknown {
  if (typeof given.value === 'boolean') return given.value;
  if (isMany(spec.type)) {
    const { one, commas } = spec.type;
    const texts = commas ? given.value.flatMap((value) => value.split(',')) : given.value;
    return texts.map((value) => one.parse(value, given.as));
  }
  if (given.value.length > 1) {
    throw usageError(
      `Expected ${given.as} once, got it ${given.value.length} times: ${given.value.join(', ')}`,
    );
  }
  return spec.type.parse(given.value[0]!, given.as);
}

/** Variables that dyno reads besides those of the option table; those with this prefix fill inputs of an mcp.json. */
const inputPrefix = 'DYNO_INPUT_';
const otherVariables = ['DYNO_DEBUG'];

/** A sentence for each `DYNO_*` variable that is set but means nothing. */
export function strangeVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...otherVariables, ...optionEntries.flatMap(([, spec]) => environmentName(spec) ?? [])];
  return Object.keys(environment)
    .filter((name) => name.startsWith('DYNO_') && !name.startsWith(inputPrefix) && !known.includes(name))
    .map((name) => `${name} is set but is no variable of dyno. ${didYouMean(name, known) ?? ''}`.trim());
}

/** The nearest flag of a command to one that it does not have, as a hint; else where to look. */
export function flagHint(command: CommandName, typed: string): string {
  const name = typed.replace(/^-+/, '').replace(/=.*$/s, '');
  const own = optionsOf(command).flatMap(([, spec]) => flagNames(spec));
  const elsewhere = optionEntries.find(([, spec]) => flagNames(spec).includes(name));
  if (elsewhere) return `--${name} belongs to: dyno ${elsewhere[1].commands.join(', dyno ')}.`;
  return (
    didYouMean(
      `--${name}`,
      own.map((flag) => `--${flag}`),
    ) ?? `See dyno ${command} --help.`
  );
}
