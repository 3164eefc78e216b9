import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { messageOf, parseJsonc, usageError } from '../../core/index.js';

/** A path into a config file: keys and indexes. */
export type ConfigPath = readonly (string | number)[];

/** What a config file holds, unchecked. */
export interface ConfigSource {
  /** The file as it is named in messages. */
  file: string;
  value: unknown;
  /** The file, with the line of the value at a path where that can be known. */
  placeOf(path: ConfigPath): string;
}

/**
 * Reads a config file of any kind; only what is needed for its kind is loaded.
 *
 * @throws DynoError (104) with file, line and what was expected.
 */
export async function readConfigSource(file: string, cwd: string): Promise<ConfigSource> {
  const extension = extname(file);
  if (extension === '.json') return readText(file, cwd, parseJsonc, blankComments);
  if (extension === '.yaml' || extension === '.yml') {
    const { parseYaml } = await import('./yaml-source.js');
    return readText(file, cwd, parseYaml, (text) => text);
  }
  const { importConfig } = await import('./module-source.js');
  return { file, value: await importConfig(resolve(cwd, file), file), placeOf: () => file };
}

async function readText(
  file: string,
  cwd: string,
  parse: (text: string, file: string) => unknown,
  asYaml: (text: string) => string,
): Promise<ConfigSource> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw usageError(`Cannot read the config file '${file}': ${messageOf(cause)}`, undefined, cause);
  }
  const value = parse(text, file);
  const { lineOf } = await import('./line-of.js');
  return {
    file,
    value,
    placeOf(path) {
      const line = lineOf(asYaml(text), path);
      return line === undefined ? file : `${file}:${line}`;
    },
  };
}

/** JSON with its comments blanked out, every character where it was. */
function blankComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (token) =>
    token.startsWith('"') ? token : token.replace(/[^\n]/g, ' '),
  );
}
