import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { secrets, usageError } from '../../core/index.js';
import { findRun, runPath } from '../../store/index.js';
import type { CommandContext } from '../command.js';
import { isTargetUrl, type MeantTarget } from '../words.js';
import { commandWords } from './command-words.js';

/** What one side of a comparison is: a stored run, or something that can be measured. */
export type MeantSide =
  { kind: 'run'; path: string } | { kind: 'live'; target: Extract<MeantTarget, { kind: 'url' | 'command' }> };

/** Both sides, in one order. */
export type MeantSides =
  { kind: 'runs'; a: string; b: string } | { kind: 'live'; a: MeantTarget; b: MeantTarget };

/**
 * What is compared: `--a` and `--b`, or two words that are URLs or runs.
 *
 * @throws DynoError (104): one side without the other, both ways at once, a run and a server, a run that is not there.
 */
export async function sidesOf(context: CommandContext): Promise<MeantSides> {
  const [a, b] = textsOf(context);
  const left = await sideOf(a, context);
  const right = await sideOf(b, context);
  if (left.kind === 'run' && right.kind === 'run') return { kind: 'runs', a: left.path, b: right.path };
  if (left.kind === 'live' && right.kind === 'live') return { kind: 'live', a: left.target, b: right.target };
  const run = left.kind === 'run' ? a : b;
  throw usageError(
    `A stored run (${run.text}) cannot be compared with a server`,
    'Compare two runs or two servers; dyno test --baseline NAME holds a server against a stored run.',
  );
}

interface SideText {
  text: string;
  /** How it was given, for messages. */
  what: string;
  /** Whether it may be a start command: given by a flag. */
  command: boolean;
}

function textsOf({ settings, words, startCommand }: CommandContext): [SideText, SideText] {
  const { a, b } = settings;
  if (startCommand !== undefined) {
    throw usageError(
      'dyno compare takes no start command after --: it needs two',
      "Give them as --a 'COMMAND' --b 'COMMAND'.",
    );
  }
  if (a === undefined && b === undefined) {
    const [first, second, extra] = words;
    if (first === undefined || second === undefined || extra !== undefined) {
      throw usageError(
        `dyno compare needs two sides, got ${words.length}`,
        "Two runs or URLs: dyno compare A B. Start commands: --a 'COMMAND' --b 'COMMAND'.",
      );
    }
    return [
      { text: first, what: `'${first}'`, command: false },
      { text: second, what: `'${second}'`, command: false },
    ];
  }
  const [word, extra] = words;
  if (a === undefined || b === undefined) {
    const missing = a === undefined ? 'a' : 'b';
    throw usageError(
      `--${missing === 'a' ? 'b' : 'a'} needs --${missing}: there is nothing to compare it with`,
      word === undefined ? `Give both: --a TARGET --b TARGET.` : `Give '${word}' as --${missing}.`,
    );
  }
  if (word !== undefined) {
    throw usageError(
      `--a and --b name both sides, and there is '${extra ?? word}' too`,
      'Leave it out; a start command with blanks needs quotes around it.',
    );
  }
  return [
    { text: a, what: '--a', command: true },
    { text: b, what: '--b', command: true },
  ];
}

async function sideOf(
  { text, what, command }: SideText,
  { settings, io }: CommandContext,
): Promise<MeantSide> {
  const trimmed = text.trim();
  if (isTargetUrl(trimmed)) {
    secrets.addUrl(trimmed);
    return { kind: 'live', target: { kind: 'url', url: trimmed } };
  }
  const folder = resolve(io.cwd, settings.runDir);
  if (await looksLikeRun(trimmed, io.cwd)) {
    const path = resolve(io.cwd, trimmed);
    const there = (await stat(path).catch(() => undefined)) !== undefined;
    return { kind: 'run', path: await findRun(folder, there ? path : trimmed) };
  }
  if (!command) return { kind: 'run', path: await findRun(folder, trimmed).catch(asSide(what)) };
  const words = commandWords(text, what);
  secrets.addArguments(words);
  return { kind: 'live', target: { kind: 'command', command: words } };
}

/** `latest`, an id or the beginning of one, a run file, or the folder of a run. */
async function looksLikeRun(text: string, cwd: string): Promise<boolean> {
  if (text === 'latest' || /^\d{4}-\d\d-\d\dT[\w-]*$/.test(text)) return true;
  const path = resolve(cwd, text);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return (await runPath(path, '.')) !== undefined;
  return /\.json(\.gz)?$/.test(text) && !/\s/.test(text);
}

function asSide(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error)) throw error;
    throw usageError(
      error.message,
      `${what} is taken for a run. A start command is given as --a 'COMMAND' --b 'COMMAND', a URL with http://.`,
      error,
    );
  };
}
