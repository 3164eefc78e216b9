import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from '../../core/index.js';

/** The names that are looked for in the working directory, in this order. */
export const configNames = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map(
  (extension) => `dyno.config.${extension}`,
);

/**
 * The config file to read: the named one, else the one in `cwd`, else undefined.
 *
 * @throws DynoError (104): the named file does not exist or has an unknown extension; several lie in `cwd`.
 */
export function findConfig(named: string | undefined, cwd: string): string | undefined {
  if (named !== undefined) {
    if (!existsSync(resolve(cwd, named))) throw usageError(`There is no config file '${named}'`);
    if (!configNames.some((name) => named.endsWith(name.slice(name.lastIndexOf('.'))))) {
      throw usageError(
        `Expected the config file '${named}' to end in .ts, .mts, .js, .mjs, .json, .yaml or .yml`,
      );
    }
    return named;
  }
  const found = configNames.filter((name) => existsSync(resolve(cwd, name)));
  if (found.length > 1) {
    throw usageError(
      `There are several config files: ${found.join(', ')}`,
      'Keep one, or name it with --config.',
    );
  }
  return found[0];
}
