import {
  mergeSettings,
  resolveContradictions,
  strangeVariables,
  type CommandName,
  type GivenFlag,
  type MergedSettings,
  type OptionKey,
} from '../plan/options/index.js';
import { findConfig, loadConfig, type LoadedConfig } from '../plan/config/index.js';
import { strangePerformanceVariables } from '../plan/thresholds/index.js';
import type { Io } from './io.js';

/** The settings of a run with their origins, the config file they came from, and what was odd about them. */
export interface ResolvedSettings extends MergedSettings {
  config: LoadedConfig | undefined;
  warnings: string[];
}

/**
 * Merges defaults, config file, environment and flags.
 *
 * @throws DynoError (104) for a config file that cannot be read, a wrong value anywhere, or a contradiction.
 */
export async function resolveSettings(
  command: CommandName,
  flags: ReadonlyMap<OptionKey, GivenFlag>,
  { env, cwd, stdout, stderr }: Io,
): Promise<ResolvedSettings> {
  const first = mergeSettings(command, { environment: env, flags });
  const file = findConfig(first.settings.config, cwd);
  const config = file === undefined ? undefined : await loadConfig(file, cwd);
  const merged = config ? mergeSettings(command, { environment: env, flags, config: config.options }) : first;
  const { settings, origins } = resolveContradictions(merged);
  if (!settings.color) stdout.colours = stderr.colours = false;
  return {
    settings,
    origins,
    config,
    warnings: [...strangeVariables(env), ...strangePerformanceVariables(env)],
  };
}
