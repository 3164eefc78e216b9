import { basename, sep } from 'node:path';
import { homedir } from 'node:os';
import { didYouMean, secrets, usageError } from '../../core/index.js';

/** A value that a configuration file wants to be asked for (VS Code's `inputs`). */
export interface ConfigInput {
  id: string;
  description?: string;
  default?: string;
  /** The choices of a `pickString`. */
  options?: string[];
  /** Do not show what is typed. */
  password: boolean;
}

/** Where the values of variables come from. */
export interface VariableSources {
  env: Readonly<Record<string, string | undefined>>;
  /** Given values by input id. */
  inputs: Readonly<Record<string, string>>;
  knownInputs: readonly ConfigInput[];
  workspaceFolder: string;
}

/** The environment variable that gives an input a value: `api-key` is `DYNO_INPUT_API_KEY`. */
export function inputVariable(id: string): string {
  return `DYNO_INPUT_${id.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}

/**
 * Replaces the variables that clients know: `${VAR}` and `${VAR:-default}` (Claude Code), `${env:VAR}`,
 * `${workspaceFolder}`, `${workspaceFolderBasename}`, `${userHome}`, `${pathSeparator}`, `${/}` (Cursor, VS Code) and
 * `${input:id}` (VS Code). What was put in is not looked at again.
 *
 * @param where named in errors: file, server and field.
 * @throws DynoError (104) for a variable without a value, or one that nobody knows.
 */
export function expandVariables(text: string, where: string, sources: VariableSources): string {
  return text.replace(/\$\{([^}]*)\}/g, (all, inside: string) => {
    const fixed = fixedVariable(inside, sources);
    if (fixed !== undefined) return fixed;
    if (inside.startsWith('input:')) return inputValue(inside.slice('input:'.length), where, sources);
    const variable = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inside);
    if (variable === null) {
      throw usageError(
        `${where} uses ${all}, which is not known here`,
        'Known are ${VAR}, ${VAR:-default}, ${env:VAR}, ${input:id}, ${workspaceFolder} and ${userHome}.',
      );
    }
    return environmentValue(variable[1]!, variable[2], where, sources);
  });
}

function fixedVariable(name: string, { workspaceFolder }: VariableSources): string | undefined {
  switch (name) {
    case 'workspaceFolder':
      return workspaceFolder;
    case 'workspaceFolderBasename':
      return basename(workspaceFolder);
    case 'userHome':
      return homedir();
    case 'pathSeparator':
    case '/':
      return sep;
    default:
      return undefined;
  }
}

function environmentValue(
  name: string,
  fallback: string | undefined,
  where: string,
  { env }: VariableSources,
): string {
  const value = env[name];
  // As in a shell, `:-` stands in for an empty value, too.
  const found = fallback !== undefined && value === '' ? fallback : (value ?? fallback);
  if (found === undefined) {
    throw usageError(
      `${where} needs the environment variable ${name}, which is not set`,
      didYouMean(name, Object.keys(env)) ?? `Set it: ${name}=… dyno …`,
    );
  }
  secrets.addNamed(name, found);
  return found;
}

function inputValue(id: string, where: string, sources: VariableSources): string {
  const input = sources.knownInputs.find((known) => known.id === id);
  const variable = inputVariable(id);
  const value = sources.inputs[id] ?? sources.env[variable] ?? input?.default;
  if (value === undefined) {
    const what = input?.description === undefined ? '' : ` (${input.description})`;
    throw usageError(
      `${where} needs a value for the input '${id}'${what}`,
      input === undefined && sources.knownInputs.length > 0
        ? (didYouMean(
            id,
            sources.knownInputs.map((known) => known.id),
          ) ?? `Set ${variable}.`)
        : `Set ${variable}.`,
    );
  }
  if (input?.options !== undefined && !input.options.includes(value)) {
    throw usageError(
      `${where} takes for the input '${id}' one of ${input.options.join(', ')}, got '${value}'`,
      didYouMean(value, input.options),
    );
  }
  if (input?.password === true) secrets.add(value);
  else secrets.addNamed(id, value);
  return value;
}
