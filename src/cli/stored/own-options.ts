import { parseArgs } from 'node:util';
import { didYouMean, usageError } from '../../core/index.js';

/** An option of a command with options of its own. */
export interface OwnOption {
  short?: string;
  /** What its value is, such as `DIR`; a switch without. */
  value?: string;
  many?: true;
  help: string;
}

/** What was given on the command line. */
export interface Given {
  words: string[];
  /** Every value of an option, in order; empty where it was not given. */
  all(name: string): string[];
  one(name: string): string | undefined;
  has(name: string): boolean;
}

/** A command that reads its own few options. */
export interface OwnUsage {
  name: string;
  usage: readonly string[];
  options: Readonly<Record<string, OwnOption>>;
}

/**
 * Takes the arguments of such a command apart; prints its help and gives undefined where that was asked for.
 *
 * @throws DynoError (104) for an option that it does not have, with the nearest one, or one without its value.
 */
export function ownArguments({ name, usage, options }: OwnUsage, args: readonly string[]): Given | undefined {
  const declared = Object.fromEntries(
    Object.entries(options).map(([long, { short, value }]) => [
      long,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: { ...declared, help: { type: 'boolean', short: 'h', multiple: true } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /Unknown option '(-[^']*)'/.exec(message)?.[1];
    if (unknown === undefined)
      throw usageError(
        `dyno ${name}: ${message.replace(/\.? To specify.*$/s, '')}`,
        `See dyno ${name} --help.`,
      );
    const flags = Object.keys(options).map((long) => `--${long}`);
    throw usageError(
      `'${unknown}' is no option of dyno ${name}`,
      didYouMean(unknown, flags) ?? `See dyno ${name} --help.`,
    );
  }
  const values = parsed.values as Record<string, (string | boolean)[] | undefined>;
  if (values['help'] !== undefined) {
    process.stdout.write(helpText(usage, options));
    return undefined;
  }
  const all = (key: string) => (values[key] ?? []).map(String);
  return {
    words: parsed.positionals,
    all,
    one: (key) => all(key).at(-1),
    has: (key) => values[key] !== undefined,
  };
}

function helpText(usage: readonly string[], options: OwnUsage['options']): string {
  const rows = Object.entries(options).map(([long, { short, value, many, help }]) => [
    `${short === undefined ? '    ' : `-${short}, `}--${long}${value === undefined ? '' : ` ${value}`}`,
    `${help}${many ? ' (repeatable)' : ''}`,
  ]);
  const width = Math.max(0, ...rows.map(([left]) => left!.length));
  const lines = rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right!}`);
  return `Usage:\n${usage.map((line) => `  ${line}`).join('\n')}\n\nOptions:\n${lines.join('\n')}\n`;
}

/** A whole number of at least one. @throws DynoError (104) that names `what`. */
export function countOf(text: string, what: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageError(`Expected ${what} to be a whole number from 1, got '${text}'`);
}

/** Where runs are kept: the option, the environment, or the default of `--run-dir`. */
export function runDirOf(given: Given): string {
  return given.one('run-dir') ?? process.env['DYNO_RUN_DIR'] ?? '.dyno/runs';
}

/** The option that names the folder of runs. */
export const runDirOption: OwnOption = { value: 'DIR', help: 'where run files are (default .dyno/runs)' };
