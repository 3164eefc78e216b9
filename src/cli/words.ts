import { usageError } from '../core/index.js';
import type { CommandContext } from './command.js';

/** What a command line names as its target, before anything is known of files or the network. */
export type MeantTarget =
  { kind: 'url'; url: string } | { kind: 'command'; command: readonly string[] } | { kind: 'none' };

type Named = Pick<CommandContext, 'command' | 'words' | 'startCommand'>;

/** True for what can only be meant as a target URL. */
export function isTargetUrl(word: string): boolean {
  return /^(sse\+)?https?:\/\//i.test(word);
}

/**
 * The target among a command's words, and the words that are left.
 *
 * @throws DynoError (104): two targets, an empty start command, a word that looks like a URL but is none.
 */
export function nameTarget({ command, words, startCommand }: Named): { target: MeantTarget; rest: string[] } {
  const urls = words.filter(
    (word) => word.includes('://') && !/^[{["@]/.test(word) && !/^[\w-]+=/.test(word),
  );
  const [url, second] = urls;
  if (url !== undefined && !isTargetUrl(url)) {
    throw usageError(
      `Expected the target '${url}' to begin with http://, https:// or sse+http(s)://`,
      `A server with stdio is given by its start command: dyno ${command} -- COMMAND ARGS…`,
    );
  }
  if (second !== undefined)
    throw usageError(`There are two targets: ${url!} and ${second}`, 'Leave one out.');
  if (url !== undefined && startCommand !== undefined) {
    throw usageError(
      `There are two targets: ${url} and a start command after --`,
      'Name the URL or the start command, not both.',
    );
  }
  if (startCommand?.length === 0) {
    throw usageError('Expected a start command after --', `Such as: dyno ${command} -- node build/server.js`);
  }
  const rest = words.filter((word) => word !== url);
  if (url !== undefined) return { target: { kind: 'url', url }, rest };
  if (startCommand) return { target: { kind: 'command', command: startCommand }, rest };
  return { target: { kind: 'none' }, rest };
}

/** Refuses words that a command has no use for. */
export function noWords(command: string, rest: readonly string[]): void {
  const [word] = rest;
  if (word === undefined) return;
  throw usageError(
    `dyno ${command} does not know what to do with '${word}'`,
    `A target is a URL such as http://127.0.0.1:3000/mcp, or a start command after --: dyno ${command} -- ${rest.join(' ')}`,
  );
}

/** Refuses any target, for commands that have none. */
export function noTarget(context: Named): void {
  const { target } = nameTarget(context);
  if (target.kind !== 'none') throw usageError(`dyno ${context.command} takes no target`);
  noWords(context.command, context.words);
}
