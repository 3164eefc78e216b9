import { describe, expect, it } from 'vitest';
import { DynoError } from '../core/index.js';
import { protocolVersions as ofTheWire } from '../protocol/types.js';
import { protocolVersions } from '../plan/options/target-options.js';
import { parseCommandLine } from './command-line.js';
import { tableCommands } from './commands.js';
import { commandHelp, generalHelp } from './help.js';
import { nameTarget, noWords } from './words.js';

const given = (command: 'load' | 'test', ...args: string[]) =>
  Object.fromEntries(parseCommandLine(command, args).flags);

function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    expect(error.exitCode).toBe(104);
    return `${error.message} | ${error.hint ?? ''}`;
  }
  throw new Error('Expected it to throw');
}

describe('a command line', () => {
  it('is flags, words, and a start command that is left alone', () => {
    const line = parseCommandLine('load', [
      'http://x/mcp',
      '-c',
      '5',
      '--',
      'node',
      'server.js',
      '--json',
      '--',
      '-x',
    ]);
    expect(line.words).toEqual(['http://x/mcp']);
    expect([...line.flags.keys()]).toEqual(['connections']);
    expect(line.startCommand).toEqual(['node', 'server.js', '--json', '--', '-x']);
  });

  it('takes short forms, aliases, joined values and repetitions', () => {
    expect(given('load', '-c32', '--duration=5s', '-H', 'A: b', '-H', 'C: d', '--vus', '4')).toEqual({
      connections: { as: '--vus', value: ['32', '4'] },
      duration: { as: '--duration', value: ['5s'] },
      header: { as: '--header', value: ['A: b', 'C: d'] },
    });
  });

  it('takes switches and their negation', () => {
    expect(given('load', '--json', '--no-tui', '--no-allow-writes', '-q')).toEqual({
      json: { as: '--json', value: true },
      tui: { as: '--no-tui', value: false },
      allowWrites: { as: '--no-allow-writes', value: false },
      quiet: { as: '--quiet', value: true },
    });
  });

  it('takes values that begin with a dash', () => {
    expect(given('test', '--tag', '-slow')).toEqual({ tag: { as: '--tag', value: ['-slow'] } });
  });

  it.each([
    [['--durration', '1s'], /'--durration' is no option of dyno load.*Did you mean '--duration'/],
    [['--durration=1s'], /'--durration' is no option.*Did you mean '--duration'/],
    [['--only', 'x'], /--only belongs to: dyno test/],
    [['-x'], /'-x' is no option of dyno load/],
    [['--rate'], /--rate needs a value/],
    [['-c'], /--connections needs a value/],
  ])('%o is refused with the nearest flag', (args, message) => {
    expect(fault(() => parseCommandLine('load', args))).toMatch(message);
  });
});

describe('the words of a command line', () => {
  const name = (words: string[], startCommand?: string[]) =>
    nameTarget({ command: 'load', words, startCommand });

  it('are a target and what is left', () => {
    expect(name(['http://x/mcp', 'echo', '{"url":"http://y"}', 'link=http://z'])).toEqual({
      target: { kind: 'url', url: 'http://x/mcp' },
      rest: ['echo', '{"url":"http://y"}', 'link=http://z'],
    });
    expect(name(['echo'], ['node', 's.js'])).toEqual({
      target: { kind: 'command', command: ['node', 's.js'] },
      rest: ['echo'],
    });
    expect(name([])).toEqual({ target: { kind: 'none' }, rest: [] });
  });

  it.each([
    [['http://a/', 'http://b/'], undefined, /two targets: http:\/\/a\/ and http:\/\/b\//],
    [['http://a/'], ['node'], /two targets: http:\/\/a\/ and a start command/],
    [[], [], /a start command after --/],
    [['ftp://a/'], undefined, /begin with http:\/\//],
  ])('%o -- %o is refused', (words, command, message) => {
    expect(fault(() => name(words, command))).toMatch(message);
  });

  it('that mean nothing are refused with what was meant', () => {
    expect(fault(() => noWords('load', ['node', 'server.js']))).toMatch(
      /'node'.*dyno load -- node server.js/,
    );
  });
});

describe('help', () => {
  it.each(tableCommands.map((command) => [command.name, command] as const))(
    'of %s fits a screen, with examples',
    (name, command) => {
      const lines = commandHelp(command, false).trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(name === 'test' || name === 'load' ? 40 : 24);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      expect(lines).toContain('Examples');
      expect(commandHelp(command, true)).toMatch(/DYNO_JSON/);
      for (const line of commandHelp(command, true).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  it('in general names every command and exit code', () => {
    const text = generalHelp('1.2.3');
    for (const { name } of tableCommands) expect(text).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const code of [0, 1, 99, 104, 105, 111, 112, 113]) expect(text).toContain(String(code));
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('knows the revisions that the wire knows', () => {
    expect(protocolVersions).toEqual(ofTheWire);
  });
});
