import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { unreachableError, type DynoError } from '../core/index.js';

/** Why a command could not be started, in one sentence, with what to do. */
export function startError(
  spec: { command: string; cwd?: string },
  error: NodeJS.ErrnoException,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DynoError {
  const { command, cwd } = spec;
  const fail = (what: string, hint?: string) =>
    unreachableError(`The target cannot be started: ${what}`, hint, error);
  if (cwd !== undefined && !isFolder(cwd)) return fail(`there is no folder '${cwd}'`, 'Check --cwd.');
  const file = findProgram(command, cwd, env);
  if (error.code === 'ENOENT') {
    const interpreter = file === undefined ? undefined : interpreterOf(file);
    if (interpreter !== undefined) {
      return fail(`'${interpreter}', which the first line of '${file!}' asks for, is not there`);
    }
    return fail(
      `there is no program '${command}'`,
      command.includes('/') ? 'Check the path.' : 'Check the name, or give the path of the program.',
    );
  }
  if (error.code === 'EACCES') {
    if (file !== undefined && isFolder(file))
      return fail(`'${command}' is a folder`, 'Name a program in it.');
    return fail(
      `'${command}' is not executable`,
      'Make it executable (chmod +x), or start it with its interpreter, such as node or python3.',
    );
  }
  if (error.code === 'EAGAIN' || error.code === 'ENOMEM') {
    return fail(
      `the system has no room for another process (${error.code})`,
      'See ulimit -u and the free memory.',
    );
  }
  if (error.code === 'EMFILE' || error.code === 'ENFILE') {
    return fail(`too many files are open (${error.code})`, 'See ulimit -n.');
  }
  if (error.code === 'E2BIG') return fail('its arguments and environment are too long');
  return fail(`'${command}': ${error.message}`);
}

/** The file that a command means, executable or not; undefined where there is none. */
function findProgram(
  command: string,
  cwd: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const places = command.includes('/')
    ? [resolve(cwd ?? '.', command)]
    : (env['PATH'] ?? '').split(delimiter).map((folder) => resolve(folder, command));
  const there = places.filter((place) => statSync(place, { throwIfNoEntry: false }) !== undefined);
  return there.find(isExecutable) ?? there[0];
}

/** The program behind `#!`; undefined where there is none or it is there. */
function interpreterOf(file: string): string | undefined {
  try {
    const bytes = Buffer.alloc(256);
    const fd = openSync(file, 'r');
    const length = readSync(fd, bytes);
    closeSync(fd);
    const interpreter = /^#!\s*(\S+)/.exec(bytes.toString('utf8', 0, length))?.[1];
    return interpreter !== undefined && !isExecutable(interpreter) ? interpreter : undefined;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
