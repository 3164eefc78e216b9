import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const runtimes = new Set(['docker', 'podman', 'nerdctl']);
/** Options before the subcommand that take a value. */
const valued = new Set(['-H', '--host', '-c', '--context', '--config', '-l', '--log-level', '--tlscacert', '--tlscert', '--tlskey', '--connection', '--url', '-n', '--namespace', '--address']); // prettier-ignore
/** The guardian removes folders of this name only. */
const folderPrefix = 'dyno-container-';
const killTimeoutMs = 10_000;

/** A command that starts a container, changed so that the container can be found. */
export interface ContainerCommand {
  /** The runtime with its own options, such as `docker --context remote`: what `run` and `kill` stand behind. */
  runtime: [string, ...string[]];
  args: string[];
  /** Where the runtime writes the container's id. */
  idFile: string;
}

/**
 * Recognises `docker run …` (and podman, nerdctl). What runs in a container is no child of ours: the command's end does
 * not have to end it, and the command's memory is not its memory. So the runtime is asked to write the container's id to
 * a file (`--cidfile`), by which it is measured and, where it must be, stopped.
 */
export function containerCommand(command: string, args: readonly string[]): ContainerCommand | undefined {
  if (!runtimes.has(basename(command))) return undefined;
  let at = 0;
  while (at < args.length && args[at]!.startsWith('-')) at += valued.has(args[at]!) ? 2 : 1;
  const runtime: [string, ...string[]] = [command, ...args.slice(0, at)];
  if (args[at] === 'container') at++;
  if (args[at] !== 'run') return undefined;
  const given = givenFile(args.slice(at + 1));
  if (given !== undefined) return { runtime, args: [...args], idFile: given };
  // The guardian's lists are separated by spaces.
  const folder = mkdtempSync(join(/\s/.test(tmpdir()) ? '/tmp' : tmpdir(), folderPrefix));
  const idFile = join(folder, 'id');
  return {
    runtime,
    args: [...args.slice(0, at + 1), '--cidfile', idFile, ...args.slice(at + 1)],
    idFile,
  };
}

/**
 * Kills the container, if it was started and still runs.
 *
 * @returns the beginning of its id when it had to be killed.
 */
export async function killContainer({ runtime, idFile }: ContainerCommand): Promise<string | undefined> {
  let id: string;
  try {
    id = readFileSync(idFile, 'utf8').trim();
    const [program, ...options] = runtime;
    await promisify(execFile)(program, [...options, 'kill', id], { timeout: killTimeoutMs });
  } catch {
    // It never started, or has ended: the usual case.
    return undefined;
  }
  return id.slice(0, 12);
}

/** Removes the file with the id, unless the user wanted it. */
export function forgetContainer({ idFile }: ContainerCommand): void {
  const folder = join(idFile, '..');
  if (basename(folder).startsWith(folderPrefix)) rmSync(folder, { recursive: true, force: true });
}

/**
 * What the guardian is told of a container, without spaces; undefined where a word has one, which only `stop` can then
 * handle.
 */
export function guardianWords({ runtime, idFile }: ContainerCommand): string | undefined {
  const words = [idFile, ...runtime];
  return words.some((word) => /[\s|]/.test(word)) ? undefined : words.join('|');
}

function givenFile(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === '--cidfile' || arg.startsWith('--cidfile='));
  if (at < 0) return undefined;
  return args[at] === '--cidfile' ? args[at + 1] : args[at]!.slice('--cidfile='.length);
}
